"""The whole simulation: chunk by chunk, all sources, and the truth."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.card_payments import record_card_payments
from simulation.channel_truth import record_flows
from simulation.experiment_truth import record_enrolments
from simulation.exports import export_amplitude
from simulation.identities import record_registry
from simulation.outcomes import (
    record_activity,
    record_customers,
    record_events,
    record_insights,
    record_trust_events,
)
from simulation.parameters import SimulationParameters, SimulationSummary
from simulation.policies import record_decisions
from simulation.randomness import Bools
from simulation.reasons import KEPT
from simulation.target_truth import record_targets
from simulation.targets import aim
from simulation.truth import Truth
from simulation.world import World, make_world, merges
from simulation.writers import amplitude, zendesk, zigpoll
from simulation.writers.braze import export_messages
from simulation.writers.core_banking import export_bank
from simulation.writers.crm import export_campaigns, export_contacts
from simulation.writers.custom import export_market
from simulation.writers.decisioning import export_content, export_decisions, export_reviews
from simulation.writers.experimentation import (
    export_assignments,
    export_exposures,
)
from simulation.writers.registry import export_registry
from simulation.writers.segment import export_site
from simulation.writers.sumsub import export_applicant_events
from simulation.writers.wallets import export_wallets

Progress = Callable[[str, float], None]


def simulate(
    parameters: SimulationParameters,
    exports: Path,
    truth: Path,
    *,
    progress: Progress | None = None,
) -> SimulationSummary:
    """Write all exports of a company, and the truth beside them.

    Args:
        parameters: Seed, size, period, fault.
        exports: Folder of the exports, one folder a source; must hold no export yet.
        truth: Folder of the truth tables.
        progress: Told what has just been done and the share of all work done (0 to 1).

    Returns:
        What was written.

    Raises:
        FileExistsError: `exports` already holds a source's folder: mixing two companies in one
            folder would make the truth wrong.
    """
    if any(exports.glob("*/*")):
        raise FileExistsError(
            f"{exports} already holds exports; one folder holds one company: "
            "remove it or choose another"
        )
    began = time.monotonic()
    tell = progress or (lambda _done, _share: None)
    book = Truth(truth)
    tickets = zendesk.pages(exports / "zendesk")
    responses = zigpoll.pages(exports / "zigpoll")
    export_content(parameters, exports / "decisioning", book)
    export_registry(parameters, exports / "experimentation", book)
    export_campaigns(parameters, exports / "crm", book)
    export_market(parameters, exports / "custom", book)
    merged: list[pd.DataFrame] = []
    for chunk in range(len(parameters.chunks)):

        def done(what: str, share: float, chunk: int = chunk) -> None:
            total = len(parameters.chunks)
            tell(f"chunk {chunk + 1} of {total}: {what}", (chunk + share) / total)

        world = make_world(parameters, chunk)
        merged.append(merges(parameters, chunk, world))
        done("lives", 0.1)
        is_event_kept = export_amplitude(parameters, chunk, world, exports / "amplitude", book)
        done("amplitude", 0.5)
        export_messages(
            parameters, chunk, world, exports / "braze", book, is_event_kept=is_event_kept
        )
        done("braze", 0.7)
        bank = export_bank(parameters, chunk, world, exports / "core_banking", book)
        done("core_banking", 0.85)
        export_applicant_events(parameters, chunk, world, exports / "sumsub", book, bank=bank)
        export_contacts(parameters, chunk, world, exports / "crm", book)
        export_site(parameters, chunk, world, exports / "segment", book)
        export_wallets(parameters, chunk, world, exports / "wallets", book, bank=bank)
        zendesk.export_support(parameters, chunk, world, tickets, book)
        is_answer_kept = zigpoll.export_responses(parameters, chunk, world, responses, book)
        aims = aim(parameters, chunk, world, bank)
        is_decision_kept = _export_experience(
            parameters, chunk, world, exports, book, aims=aims, is_event_kept=is_event_kept
        )
        record_targets(parameters, world, bank, aims, is_kept=is_decision_kept, truth=book)
        done("decisions, tickets and surveys", 0.98)
        record_registry(world, bank, chunk, book)
        record_customers(world, bank, book)
        record_card_payments(chunk, world, bank.tables["ledger_entries"], book)
        record_events(world, is_event_kept, book)
        record_activity(world, is_event_kept, book)
        record_flows(world, is_event_kept, book)
        record_trust_events(world, is_event_kept, book)
        record_decisions(parameters, world, is_decision_kept, book)
        record_insights(
            world,
            is_event_kept=is_event_kept,
            is_decision_kept=is_decision_kept,
            is_answer_kept=is_answer_kept,
            aims=aims,
            truth=book,
        )
    _export_merges(exports / "amplitude", merged, book)
    for pages in (*tickets.values(), responses):
        pages.close()
    book.close()
    return SimulationSummary(
        as_of=parameters.as_of,
        rows=dict(book.rows),
        reasons=dict(book.reasons),
        files=sum(path.is_file() for path in exports.rglob("*")),
        seconds=time.monotonic() - began,
    )


def _export_experience(
    parameters: SimulationParameters,
    chunk: int,
    world: World,
    exports: Path,
    book: Truth,
    *,
    aims: pd.DataFrame,
    is_event_kept: Bools,
) -> Bools:
    """Write the company's own logs; tell which decisions an ideal pipeline keeps."""
    folder = exports / "decisioning"
    is_kept = export_decisions(parameters, chunk, world, folder, book, aims=aims)
    export_reviews(parameters, chunk, world, folder, book)
    folder = exports / "experimentation"
    record_enrolments(
        world,
        assigned=export_assignments(parameters, chunk, world, folder, book),
        exposed=export_exposures(parameters, chunk, world, folder, book),
        is_event_kept=is_event_kept,
        truth=book,
    )
    return is_kept


def _export_merges(folder: Path, merged: list[pd.DataFrame], book: Truth) -> None:
    """Write all chunks' merged ids, whose file names carry no partition."""
    rows = pd.concat(merged).sort_values(["received", "amplitude_id"], ignore_index=True)
    if rows.empty:
        return
    file, files, line = amplitude.write_merges(folder, rows)
    keys = rows["amplitude_id"].astype(str) + "|" + rows["merged_amplitude_id"].astype(str)
    book.add_received(
        "amplitude",
        "merged_ids",
        received=rows["received"].to_numpy(),
        key=pa.array(keys.tolist()),
        reason=np.full(len(rows), KEPT),
        file=file,
        files=files,
        line=line,
    )
