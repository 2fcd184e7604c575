import json
from dataclasses import asdict, replace
from typing import Any

from orchestration.alerts.changes import Change
from orchestration.alerts.messages import Message, gather, write
from orchestration.alerts.sinks import slack_body
from tests.unit.orchestration.alerts.samples import finding


def opened(day: int, **changes: object) -> Change:
    return Change(kind="opened", finding=finding(day, **changes), since="2026-06-22T05:00:00+00:00")


def message_on(*changes: Change) -> Message:
    [together] = gather(changes)
    return write(together, message_id="1", at="2026-06-22T05:00:00+00:00")


def test_a_message_says_figure_limit_owner_why_remedy_command_and_where_to_look() -> None:
    message = message_on(opened(21))
    assert message.title == "ERROR: duplication rate, amplitude/events/2026-06-21"
    assert message.text.splitlines() == [
        "amplitude/events/2026-06-21: expected duplication_rate at most 0.15, found 0.31.",
        "A healthy client redelivers 2-3 %.",
        "Set it aside.",
        'trustlift reject amplitude/events/2026-06-21 --reason "…"',
        "Owner: data-engineering. Look: trustlift status.",
    ]
    [told] = message.findings
    assert (told["figure"], told["threshold"]) == (0.31, 0.15)


def test_fifty_batches_of_one_table_make_one_message() -> None:
    batches = [opened(day % 28 + 1, found=str(day)) for day in range(28)]
    message = message_on(*batches)
    assert message.title == "ERROR: duplication rate, 28 of amplitude/events"
    assert "and 23 more" in message.text
    assert len(message.findings) == 28


def test_other_conditions_tables_kinds_and_severities_are_told_apart() -> None:
    changes = [
        opened(1),
        opened(2, condition="stale_rate"),
        opened(3, group="braze/messages"),
        opened(4, severity="warning"),
        replace(opened(5), kind="recovered"),
        opened(6),
    ]
    assert sorted(len(together) for together in gather(changes)) == [1, 1, 1, 1, 2]


def test_recovery_and_escalation_say_since_when() -> None:
    over = message_on(replace(opened(21), kind="recovered"))
    assert over.title == "OK: duplication rate, amplitude/events/2026-06-21"
    assert "since 2026-06-22T05:00:00+00:00" in over.text
    assert "trustlift reject" not in over.text
    worse = message_on(replace(opened(21), kind="escalated"))
    assert worse.title.startswith("NOW ERROR: ")
    assert "since 2026-06-22" in worse.text


def test_slack_gets_text_that_it_cannot_misread_and_does_not_refuse() -> None:
    message = replace(message_on(opened(21)), title="<!channel> & " + "x" * 300, text="<@U1>" * 900)
    body = slack_body(message)
    assert json.dumps(body)
    text = str(body["text"])
    assert "<" not in text
    assert text.startswith("&lt;!channel&gt; &amp; ")
    blocks: Any = body["blocks"]
    assert len(blocks[0]["text"]["text"]) <= 150
    assert len(blocks[1]["text"]["text"]) <= 3000


def test_a_message_survives_json() -> None:
    message = message_on(opened(21))
    fields = json.loads(json.dumps(asdict(message)))
    told = [{**one, "commands": tuple(one["commands"])} for one in fields["findings"]]
    assert Message(**{**fields, "findings": tuple(told)}) == message
