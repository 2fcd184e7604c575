"""Payments of people who use their card daily, and what was stolen from some of them.

Each has a usual amount, hour and country, and a week abroad. Thieves take many times the usual
amount, abroad, at an hour at which the owner sleeps. The bank's fraud desk labels what it finds or
clears before the day's extract.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.jsontext import numbers, text
from simulation.parameters import DAY, HOUR, MINUTE, NEVER, NOBODY, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, at_least, between, chance, stream
from simulation.truth import Truth, pick, times
from simulation.world import World

COUNTRIES = ("FR", "IT", "DE", "US", "RO")
LABELS = ("fraud", "legitimate")
HOME = -1
CARD = 1
_PAYER_SHARE, _PAYMENTS_PER_DAY = 0.12, 0.5
_FRAUD_SHARE, _CAUGHT_SHARE, _CLEARED_SHARE, _LOOKED_AT_SHARE = 0.012, 0.85, 0.25, 0.08
_EXTRACTED_AT = 23 * HOUR


def with_card_payments(
    parameters: SimulationParameters,
    chunk: int,
    people: People,
    *,
    accounts: pd.DataFrame,
    ledger: pd.DataFrame,
) -> pd.DataFrame:
    """Add the daily payments to a ledger, whose other payments are at home and never stolen.

    Args:
        parameters: The company.
        chunk: Number of the chunk.
        people: Its customers.
        accounts: Its current accounts.
        ledger: Entries so far, numbered from 0.

    Returns:
        The ledger with `country` (code, HOME), `label` (code, -1) and `label_at`.
    """
    rng = stream(parameters.seed, chunk, "card_payments")
    payers = accounts.iloc[at_least(rng, _PAYER_SHARE, 8, np.arange(len(accounts)))]
    owner = payers["customer"].to_numpy()
    begins, ends = (people.column(name)[owner] for name in ("active_from", "active_until"))
    days = np.maximum(ends - begins, 0) / DAY
    which = np.repeat(np.arange(len(payers)), rng.poisson(_PAYMENTS_PER_DAY * days))
    day = (begins[which] + ((ends - begins)[which] * rng.random(len(which)))) // DAY * DAY
    usual_hour, usual_cents = rng.uniform(9, 19, len(payers)), rng.uniform(800, 6_000, len(payers))
    leaves = begins + ((ends - begins) * rng.random(len(payers)) * 0.8).astype(np.int64)
    trip = rng.integers(0, len(COUNTRIES), len(payers))
    is_fraud = chance(rng, _FRAUD_SHARE, len(which))
    hour = usual_hour[which] + rng.normal(0, 1.8, len(which)) + np.where(is_fraud, 12, 0)
    at = day.astype(np.int64) + ((hour % 24) * HOUR).astype(np.int64)
    cents = usual_cents[which] * rng.lognormal(0, 0.4, len(which))
    cents = np.where(is_fraud, usual_cents[which] * rng.uniform(8, 20, len(which)), cents)
    is_away = (day >= leaves[which]) & (day < leaves[which] + 7 * DAY)
    country = np.where(is_away, trip[which], HOME)
    country = np.where(is_fraud, (trip[which] + 2) % len(COUNTRIES), country)
    is_known = is_fraud & chance(rng, _CAUGHT_SHARE, len(which))
    is_cleared = ~is_fraud & is_away & chance(rng, _CLEARED_SHARE, len(which))
    payments = payers.iloc[which][["customer", "account"]].assign(
        entry_class=CARD,
        cents=-cents.astype(np.int64),
        updated_at=at,
        country=country,
        label=np.select([is_known, is_cleared], [0, 1], default=-1),
        label_at=np.where(is_known | is_cleared, _labelled_at(rng, at), NEVER),
    )
    lives = (at >= begins[which] + MINUTE) & (at < ends[which])
    payments = payments[lives].sort_values(["updated_at", "account"], ignore_index=True)
    is_looked_at = (ledger["entry_class"] == CARD) & chance(rng, _LOOKED_AT_SHARE, len(ledger))
    others = ledger.assign(
        country=HOME,
        label=np.where(is_looked_at, 1, -1),
        label_at=np.where(is_looked_at, _labelled_at(rng, ledger["updated_at"].to_numpy()), NEVER),
    )
    both: pd.DataFrame = pd.concat(
        [
            others,
            payments.assign(
                entry=ledger["entry"].max() + 1 + np.arange(len(payments)),
                pair=NOBODY,
                reverses=NOBODY,
                is_foreign=0,
            ),
        ],
        ignore_index=True,
    )
    return both


def record_card_payments(chunk: int, world: World, ledger: pd.DataFrame, truth: Truth) -> None:
    """Record every card payment; its `record_key` begins those of its received rows."""
    paid = ledger[ledger["entry_class"] == CARD]
    owner = paid["customer"].to_numpy()
    truth.add(
        "card_payments",
        pa.table(
            {
                "record_key": text(f"{chunk}-", numbers(paid.index.to_numpy())),
                "transaction_id": text(
                    f"en{world.people.first:08d}-", numbers(paid["entry"].to_numpy())
                ),
                "customer_ref": world.people.refs.take(owner),
                "cents": pa.array(-paid["cents"].to_numpy()),
                "country": pick(COUNTRIES, paid["country"]),
                "label": pick(LABELS, paid["label"]),
                "label_at": times(paid["label_at"].to_numpy()),
                "event_at": times(paid["updated_at"].to_numpy()),
            }
        ),
    )


def _labelled_at(rng: np.random.Generator, at: Array) -> Array:
    """Draw when the fraud desk has looked at each payment: before the next extract."""
    extracted = at // DAY * DAY + _EXTRACTED_AT
    extracted = np.where(extracted <= at + MINUTE, extracted + DAY, extracted)
    return at + ((extracted - at) * between(rng, 10, 95, len(at)) // 100).astype(np.int64)
