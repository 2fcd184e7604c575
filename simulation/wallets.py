"""Wallets, whose they are, and who signs in with them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.banking import CURRENT, Bank
from simulation.parameters import DAY, HOUR, MINUTE, NEVER, NOBODY, SimulationParameters
from simulation.people import People
from simulation.randomness import Array, Ints, at_least, between, chance, hex_ids, stream
from simulation.world import World

PROOFS = ("siwe", "self_declared", "deposit")
SIWE, SELF_DECLARED, DEPOSIT = range(len(PROOFS))
EVM, SOLANA, BITCOIN = range(3)
ZERO_ADDRESS = "eip155:1:0x" + "0" * 40
_SOLANA = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:"
_BITCOIN = "bip122:000000000019d6689c085ae165831e93:"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_OWN_SHARE = 0.08
_SIGN_INS_PER_DAY = 0.05
_STRANGER_SHARE = 0.01


@dataclass(frozen=True)
class Wallets:
    """One chunk's wallets; times are microseconds, NEVER for none.

    Args:
        ids: CAIP-10 ids in canonical spelling; the last two are the exchange's and the zero
            address.
        owner: Whose each is in the end (local number), NOBODY for what is nobody's alone.
        links: Versions of links: link, wallet, customer, account, proof, linked_at, unlinked_at,
            updated_at.
        sign_ins: wallet, customer of the session (NOBODY without one), at, is_verified.
    """

    ids: pa.Array
    owner: Ints
    links: pd.DataFrame
    sign_ins: pd.DataFrame


def bank_wallet_ids(people: People, count: int) -> pa.Array:
    """Give the wallets that the banking core has linked, in the order of its links."""
    return hex_ids(stream(people.first, 0, "wallets"), count, digits=40, prefix="eip155:1:0x")


def make_wallets(parameters: SimulationParameters, chunk: int, world: World, bank: Bank) -> Wallets:
    """Draw a chunk's wallets: the bank's, customers' own, some that move, an exchange's."""
    rng = stream(parameters.seed, chunk, "own_wallets")
    people = world.people
    banked = bank.tables["account_wallets"]
    own = at_least(rng, _OWN_SHARE, 6, np.arange(people.count))
    chain = rng.choice(3, len(own), p=(0.7, 0.2, 0.1))
    first, total = len(banked), len(banked) + len(own)
    linked = people.column("active_from")[own] + between(rng, HOUR, 15 * DAY, len(own))
    ends = people.column("active_until")
    owned = pd.DataFrame(
        {
            "wallet": first + np.arange(len(own)),
            "customer": own,
            "chain": chain,
            "from": linked,
            "until": ends[own],
        }
    )
    heirs = _heirs(parameters, rng, people, owned)
    owned.loc[heirs["position"], "until"] = heirs["from"].to_numpy()
    links = _links(rng, people, bank, owned=owned, heirs=heirs, hub=total)
    spells = pd.concat(
        [
            pd.DataFrame(
                {
                    "wallet": np.arange(first),
                    "customer": banked["customer"].to_numpy(),
                    "chain": EVM,
                    "from": np.maximum(banked["linked_at"], parameters.start_micros),
                    "until": ends[banked["customer"].to_numpy()],
                }
            ),
            owned,
            heirs,
        ],
        ignore_index=True,
    )
    owner = np.full(total + 2, NOBODY)
    owner[spells["wallet"]] = spells["customer"]
    ids = [
        *bank_wallet_ids(people, first).to_pylist(),
        *_own_ids(rng, chain),
        _exchange_id(parameters),
        ZERO_ADDRESS,
    ]
    return Wallets(
        pa.array(ids), owner, _inside(parameters, links), _sign_ins(parameters, rng, people, spells)
    )


def _heirs(
    parameters: SimulationParameters, rng: np.random.Generator, people: People, owned: pd.DataFrame
) -> pd.DataFrame:
    """Pass some wallets on, between genuine customers of whom the second had none."""
    from_ = owned["from"].to_numpy()
    moved_at = from_ + between(rng, 8 * DAY, 20 * DAY, len(owned))
    able = people.is_genuine[owned["customer"]] & (owned["chain"] == EVM).to_numpy()
    able &= (moved_at < owned["until"].to_numpy()) & (moved_at < parameters.end_micros - 2 * DAY)
    position = at_least(rng, 0.1, 2, np.flatnonzero(able))
    without = np.setdiff1d(np.flatnonzero(people.is_genuine), owned["customer"])
    return pd.DataFrame(
        {
            "position": position,
            "wallet": owned["wallet"].to_numpy()[position],
            "customer": rng.choice(without, len(position), replace=False),
            "chain": EVM,
            "from": moved_at[position],
            "until": parameters.end_micros,
        }
    )


def _links(
    rng: np.random.Generator,
    people: People,
    bank: Bank,
    *,
    owned: pd.DataFrame,
    heirs: pd.DataFrame,
    hub: int,
) -> pd.DataFrame:
    """Link owners, unlink those who pass a wallet on, link a crowd to the exchange's address."""
    genuine = np.flatnonzero(people.is_genuine)
    crowd = rng.choice(genuine, min(40, max(3, people.count // 6)), replace=False)
    careless = rng.choice(genuine, 3, replace=False)
    many = np.concatenate([crowd, careless])
    shared = pd.DataFrame(
        {
            "wallet": np.repeat([hub, hub + 1], [len(crowd), len(careless)]),
            "customer": many,
            "from": people.column("active_from")[many] + between(rng, HOUR, 3 * DAY, len(many)),
        }
    )
    links = pd.concat([owned, heirs, shared], ignore_index=True)
    links = links[["wallet", "customer", "from"]].rename(columns={"from": "linked_at"})
    proof = rng.choice((SIWE, SELF_DECLARED), len(links), p=(0.8, 0.2))
    links["proof"] = np.where(links["wallet"] >= hub, DEPOSIT, proof)
    links["link"] = np.arange(len(links))
    accounts = bank.accounts[bank.accounts["product_line"] == CURRENT]
    links["account"] = accounts["account"].to_numpy()[links["customer"].to_numpy()]
    links["unlinked_at"], links["updated_at"] = NEVER, links["linked_at"]
    gone = links.iloc[heirs["position"].to_numpy()]
    gone_at = heirs["from"].to_numpy() - MINUTE
    gone = gone.assign(unlinked_at=gone_at, updated_at=gone_at)
    return pd.concat([links, gone], ignore_index=True)


def _inside(parameters: SimulationParameters, links: pd.DataFrame) -> pd.DataFrame:
    """Keep the versions of the period, in order of time."""
    at = links["updated_at"]
    inside = links[(at >= parameters.start_micros) & (at < parameters.end_micros)]
    return inside.sort_values(["updated_at", "link"], kind="stable", ignore_index=True)


def _sign_ins(
    parameters: SimulationParameters, rng: np.random.Generator, people: People, spells: pd.DataFrame
) -> pd.DataFrame:
    """Draw sign-ins of owners, most in a session; and strangers whose signature fails."""
    spells = spells[(spells["chain"] == EVM) & (spells["until"] > spells["from"])]
    length = (spells["until"] - spells["from"]).to_numpy()
    spell = np.repeat(np.arange(len(spells)), rng.poisson(_SIGN_INS_PER_DAY * length / DAY))
    customer = spells["customer"].to_numpy()[spell]
    at = spells["from"].to_numpy()[spell] + (length[spell] * rng.random(len(spell))).astype(int)
    # Only a genuine owner signs in without a session: every other must be known by name.
    nameless = chance(rng, 0.12, len(spell)) & people.is_genuine[customer]
    mine = pd.DataFrame(
        {
            "wallet": spells["wallet"].to_numpy()[spell],
            "customer": np.where(nameless, NOBODY, customer),
            "at": at,
            "is_verified": chance(rng, 0.95, len(spell)),
        }
    )
    tried = at_least(rng, _STRANGER_SHARE, 3, np.arange(len(mine)))
    strangers = mine.iloc[tried].assign(
        customer=rng.choice(np.flatnonzero(people.is_genuine), len(tried)),
        at=mine["at"].to_numpy()[tried] + MINUTE,
        is_verified=False,
    )
    both = pd.concat([mine, strangers], ignore_index=True)
    both["at"] = both["at"] // 1000 * 1000
    both = both[(both["at"] >= parameters.start_micros) & (both["at"] < parameters.end_micros)]
    return both.sort_values(["at", "wallet"], kind="stable", ignore_index=True)


def _own_ids(rng: np.random.Generator, chain: Array) -> list[str]:
    """Make up addresses of each chain."""
    evm = hex_ids(rng, len(chain), digits=40, prefix="eip155:1:0x").to_pylist()
    letters = rng.integers(0, len(_BASE58), (len(chain), 44))
    texts = ["".join(_BASE58[letter] for letter in row) for row in letters]
    return [
        (evm[place], _SOLANA + texts[place], _BITCOIN + "1" + texts[place][:33])[kind]
        for place, kind in enumerate(chain)
    ]


def _exchange_id(parameters: SimulationParameters) -> str:
    """Give the exchange's one address, the same in every chunk."""
    ids = hex_ids(stream(parameters.seed, 0, "exchange"), 1, digits=40, prefix="eip155:1:0x")
    return str(ids[0])
