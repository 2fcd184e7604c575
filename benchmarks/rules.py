"""How well each rule of hygiene tells noise from people, by the sample company's truth.

    python -m benchmarks.rules

Precision is the share of the rows that a rule hits which are noise of its kind; recall the share of
the noise that it is there for which it hits. Rows that never landed count in neither.
"""

import csv
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.pipeline import write_config
from orchestration.run_command import run_once
from simulation import SimulationParameters, simulate

PARAMETERS = SimulationParameters(customers=500, days=60)
_SEED = Path(__file__).parents[1] / "seeds" / "hygiene_rules.csv"
_MACHINE = "bot is not null"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of some rules together.

    Args:
        name: What the table calls it.
        rules: Rules of which one must hit.
        is_noise: Condition on the truth's labels: what their hits may be.
        is_theirs: Condition on the labels: what they are there to find.
        source: Whose rows are judged.
        is_of_others: No rule is there for this noise: hits on other noise, which have lines of
            their own, are not counted.
    """

    name: str
    rules: tuple[str, ...]
    is_noise: str
    is_theirs: str
    source: str = "amplitude"
    is_of_others: bool = False


_AGENTS = ("bot_user_agent_empty", "bot_user_agent_crawler", "bot_user_agent_detector")
_BEHAVIOUR = ("bot_rate", "bot_cadence", "bot_robots_txt")
_NAMED = ("test_flag", "test_customer", "test_account", "test_email_domain")
QUESTIONS = (
    Question(
        name="duplicate_key",
        rules=("duplicate_key",),
        is_noise="is_copy and not is_near_duplicate",
        is_theirs="is_copy and not is_near_duplicate",
    ),
    Question(
        name="near_duplicate",
        rules=("near_duplicate",),
        is_noise="is_copy and is_near_duplicate",
        is_theirs="is_copy and is_near_duplicate",
    ),
    Question(
        name="bot_user_agent_crawler",
        rules=("bot_user_agent_crawler",),
        is_noise=_MACHINE,
        is_theirs="bot = 'user_agent'",
    ),
    Question(
        name="bot_user_agent_detector",
        rules=("bot_user_agent_detector",),
        is_noise=_MACHINE,
        is_theirs="bot = 'user_agent'",
    ),
    Question(name="bot_rate", rules=("bot_rate",), is_noise=_MACHINE, is_theirs="bot = 'rate'"),
    Question(
        name="bot_cadence", rules=("bot_cadence",), is_noise=_MACHINE, is_theirs="bot = 'cadence'"
    ),
    Question(
        name="bot_robots_txt",
        rules=("bot_robots_txt",),
        is_noise=_MACHINE,
        is_theirs="bot = 'robots_txt'",
    ),
    Question(
        name="stealth bots, by any rule of bots",
        rules=(*_AGENTS, *_BEHAVIOUR),
        is_noise=_MACHINE,
        is_theirs="bot = 'stealth'",
        is_of_others=True,
    ),
    Question(
        name="bots in a browser's name, by behaviour",
        rules=_BEHAVIOUR,
        is_noise=_MACHINE,
        is_theirs="bot in ('rate', 'cadence', 'robots_txt', 'stealth')",
    ),
    Question(
        name="mail_machine_open",
        rules=("mail_machine_open",),
        is_noise=_MACHINE,
        is_theirs="bot = 'machine_open'",
        source="braze",
    ),
    Question(
        name="mail_suspected_click",
        rules=("mail_suspected_click",),
        is_noise=_MACHINE,
        is_theirs="bot = 'suspected_click'",
        source="braze",
    ),
    Question(
        name="test_flag, _customer, _account, _email_domain",
        rules=_NAMED,
        is_noise="tester is not null",
        is_theirs="tester = 'customer'",
    ),
    Question(
        name="test_device",
        rules=("test_device",),
        is_noise="tester is not null",
        is_theirs="tester = 'device'",
    ),
    Question(
        name="session_expired",
        rules=("session_expired",),
        is_noise="session_fault is not null",
        is_theirs="session_fault = 'expired'",
    ),
    Question(
        name="session_zombie",
        rules=("session_zombie",),
        is_noise="session_fault is not null",
        is_theirs="session_fault = 'zombie'",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found.

    Args:
        name: The question's.
        noise_count: Landed rows that the rules are there to find.
        hit_count: Rows that they hit.
        precision: Share of the hits that are noise; None without hits.
        recall: Share of the noise that is hit; None without noise.
    """

    name: str
    noise_count: int
    hit_count: int
    precision: float | None
    recall: float | None


def measure(build: Path, truths: Path) -> list[Answer]:
    """Compare the rules' hits with the truth, row by row.

    Args:
        build: A finished build of the sample company.
        truths: The folder of its truth.
    """
    with _SEED.open(newline="", encoding="utf-8") as file:
        places = {row["rule_id"]: place for place, row in enumerate(csv.DictReader(file))}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build}' as build (read_only)")
        connection.execute(f"create view truth as from '{truths}/received_rows.parquet'")
        connection.execute(_LABELLED)
        return [_answer(connection, question, places) for question in QUESTIONS]


# A message is known by its id; copies of it say the same.
_LABELLED = """
create temp table labelled as
select
    truth.source_name,
    verdicts.rule_hits,
    truth.bot,
    truth.session_fault,
    truth.tester,
    truth.is_near_duplicate,
    truth.expected_reason = 'duplicate' as is_copy
from build.raw.amplitude__events as events
inner join build.hygiene.hygiene_verdicts as verdicts on events._row_id = verdicts.row_id
inner join truth
    on truth.source_name = 'amplitude' and truth.table_name = 'events'
    and truth.record_key = events.uuid
union all
select 'braze', verdicts.rule_hits, truth.bot, null, null, null, null
from build.raw.braze__messages as messages
inner join build.hygiene.hygiene_verdicts as verdicts on messages._row_id = verdicts.row_id
inner join (
    select split_part(record_key, '#', 1) as id, max(bot) as bot
    from truth
    where source_name = 'braze' and table_name = 'messages'
    group by 1
) as truth on messages.id = truth.id
"""


def _answer(
    connection: duckdb.DuckDBPyConnection, question: Question, places: dict[str, int]
) -> Answer:
    bits = sum(1 << places[rule] for rule in question.rules)
    counted = question.is_theirs if question.is_of_others else "true"
    noise, hits, right, found = connection.execute(
        f"""
        select
            count(*) filter ({question.is_theirs}),
            count(*) filter (is_hit and {counted}),
            count(*) filter (is_hit and {counted} and {question.is_noise}),
            count(*) filter (is_hit and {question.is_theirs})
        from (select *, rule_hits & {bits} <> 0 as is_hit from labelled)
        where source_name = '{question.source}'
        """
    ).fetchall()[0]
    return Answer(
        name=question.name,
        noise_count=noise,
        hit_count=hits,
        precision=right / hits if hits else None,
        recall=found / noise if noise else None,
    )


def table(answers: list[Answer]) -> str:
    """Lay the answers out as a table of Markdown."""
    lines = ["| rule | noise rows | hits | precision | recall |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.noise_count:,} | {one.hit_count:,} "
        f"| {_share(one.precision)} | {_share(one.recall)} |"
        for one in answers
    ]
    return "\n".join(lines)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.4f}"


def main() -> None:
    """Simulate a company, run the pipeline on it, print the table."""
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        simulate(PARAMETERS, root / "exports", root / "noise")
        config = write_config(root)
        as_of = PARAMETERS.as_of.isoformat()
        run_once(config, as_of=as_of, wait=False, as_json=False, started_at=time.monotonic())
        print(table(measure(root / "data/warehouse/build.duckdb", root / "noise")))


if __name__ == "__main__":
    main()
