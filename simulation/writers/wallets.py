"""The wallet service's own logs, as JSON lines by day: sign-ins with Ethereum, and links."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.banking import Bank
from simulation.deliveries import Deliveries, Habits, break_some, deliver
from simulation.identities import persons, record_holders
from simulation.jsontext import booleans, iso, lines, names, numbers, quoted, text, truncated
from simulation.parameters import HOUR, MINUTE, SECOND, SimulationParameters
from simulation.randomness import Array, hex_ids, stream
from simulation.reasons import Marks, judge
from simulation.truth import Truth
from simulation.wallets import PROOFS, Wallets, make_wallets
from simulation.world import World
from simulation.writers.core_banking import account_ids
from simulation.writers.files import write_daily_lines

SLA = 48 * HOUR
SOUND, TRUNCATED, NO_NONCE, WRONG_TIME = range(4)
DOMAIN = "app.trustlift.example"
_HABITS = Habits(late_share=0.01, stale_share=0.003, copy_share=0.02)
_LEGACY_SHARE = 0.15


@dataclass(frozen=True)
class _Log:
    """Where a chunk's logs and their truth go."""

    world: World
    folder: Path
    truth: Truth
    chunk: int

    def write(
        self,
        table: str,
        records: pd.DataFrame,
        sent: Deliveries,
        written: pa.Array,
        *,
        fault: Array,
    ) -> None:
        """Write one log, and the truth of its lines."""
        record, received = sent.record, sent.received
        file, files, line = write_daily_lines(self.folder, table, self.chunk, written, received)
        is_internal, is_erased = self.world.people.flags(records["customer"].to_numpy()[record])
        self.truth.add_received(
            "wallets",
            table,
            received=received,
            key=text(f"{self.chunk}-", numbers(record), "#", numbers(sent.copy)),
            reason=judge(
                Marks(
                    record=record,
                    received=received,
                    is_quarantined=fault[record] != SOUND,
                    is_test=is_internal,
                    is_stale=received - records["at"].to_numpy()[record] > SLA,
                    is_erased=is_erased,
                )
            ),
            file=file,
            files=files,
            line=line,
            flags=pd.DataFrame({"is_late": sent.is_late}),
        )


def export_wallets(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    folder: Path,
    truth: Truth,
    *,
    bank: Bank,
) -> None:
    """Write a chunk's sign-ins and links, the truth of each row, and whose each wallet is."""
    wallets = make_wallets(parameters, chunk, world, bank)
    rng = stream(parameters.seed, chunk, "wallet_logs")
    sign_ins, links = wallets.sign_ins, wallets.links
    log = _Log(world, folder, truth, chunk)
    fault = break_some(rng, np.ones(len(sign_ins), dtype=bool), kinds=WRONG_TIME)
    sent = _deliver(parameters, rng, sign_ins["at"].to_numpy(), fault)
    nonces = hex_ids(rng, len(sign_ins), digits=16)
    written = _sign_in_lines(world, wallets, sent, fault=fault[sent.record], nonces=nonces)
    log.write("sign_ins", sign_ins, sent, written, fault=fault)
    sound = np.zeros(len(links), dtype=np.int8)
    sent = _deliver(parameters, rng, links["updated_at"].to_numpy(), sound)
    is_legacy = rng.random(len(links)) < _LEGACY_SHARE
    written = _link_lines(world, wallets, bank, sent, is_legacy=is_legacy)
    log.write("wallet_links", links.assign(at=links["updated_at"]), sent, written, fault=sound)
    record_holders(truth, "wallet", wallets.ids, persons(world.people, wallets.owner))


def _deliver(
    parameters: SimulationParameters, rng: np.random.Generator, at: Array, fault: Array
) -> Deliveries:
    """Draw deliveries before the end, in order of receipt."""
    sent = deliver(rng, at, _HABITS, spared=fault != SOUND)
    order = np.lexsort((sent.copy, sent.record, sent.received))
    return sent.only(order[sent.received[order] < parameters.end_micros])


def _sign_in_lines(
    world: World, wallets: Wallets, sent: Deliveries, *, fault: Array, nonces: pa.Array
) -> pa.Array:
    """Lay out the fields of the signed message, the service's verdict, and the session's owner."""
    some = wallets.sign_ins.iloc[sent.record]
    at, who, count = some["at"].to_numpy(), some["customer"].to_numpy(), len(some)
    address = pc.utf8_slice_codeunits(wallets.ids.take(some["wallet"].to_numpy()), start=9)
    nonce = nonces.take(pa.array(sent.record, mask=fault == NO_NONCE))
    issued = pc.if_else(pa.array(fault == WRONG_TIME), pa.scalar('"noon"'), quoted(iso(at)))
    is_verified = some["is_verified"].to_numpy()
    written = lines(
        {
            "domain": names((DOMAIN,), np.zeros(count)),
            "address": quoted(_checksummed(address)),
            "uri": names((f"https://{DOMAIN}/login",), np.zeros(count)),
            "version": names(("1",), np.zeros(count)),
            "chain-id": numbers(np.ones(count, dtype=np.int64)),
            "nonce": quoted(nonce),
            "issued-at": issued,
            "expiration-time": quoted(iso(at + 10 * MINUTE)),
            "customer_ref": quoted(world.people.refs.take(pa.array(who, mask=who < 0))),
            "is_verified": booleans(is_verified),
            "verified_at": quoted(iso(np.where(is_verified, at + SECOND, -1))),
            "logged_at": quoted(iso(sent.received)),
        }
    )
    return truncated(written, fault == TRUNCATED)


def _link_lines(
    world: World, wallets: Wallets, bank: Bank, sent: Deliveries, *, is_legacy: Array
) -> pa.Array:
    """Lay out the versions of links; some spell the wallet as CAIP-10 once did."""
    some = wallets.links.iloc[sent.record]
    wallet = wallets.ids.take(some["wallet"].to_numpy())
    old = pc.replace_substring_regex(wallet, r"^([^:]+:[^:]+):(.+)$", r"\2@\1")
    return lines(
        {
            "link_id": quoted(
                text(f"wl{world.people.first:08d}-", numbers(some["link"].to_numpy()))
            ),
            "account_id": quoted(account_ids(world, bank, some["account"].to_numpy())),
            "wallet": quoted(pc.if_else(pa.array(is_legacy[sent.record]), old, wallet)),
            "proof_type": names(PROOFS, some["proof"].to_numpy()),
            "linked_at": quoted(iso(some["linked_at"].to_numpy())),
            "unlinked_at": quoted(iso(some["unlinked_at"].to_numpy())),
            "updated_at": quoted(iso(some["updated_at"].to_numpy())),
            "logged_at": quoted(iso(sent.received)),
        }
    )


def _checksummed(address: pa.Array) -> pa.Array:
    """Write some letters large, as wallets show addresses; which ones is all one here."""
    body = pc.utf8_slice_codeunits(address, start=2, stop=22)
    return text("0x", pc.utf8_upper(body), pc.utf8_slice_codeunits(address, start=22))
