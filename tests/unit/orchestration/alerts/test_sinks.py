import json
import smtplib
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.alerts.config import Alerts, EmailSink, PingSink, WebhookSink
from orchestration.alerts.messages import Message
from orchestration.alerts.sinks import SinkError, make_send
from tests.unit.orchestration.alerts.receivers import Mailbox, Webhook
from tests.unit.orchestration.alerts.samples import alerts

MESSAGE = Message(
    message_id="trustlift-1",
    at="2026-06-28T05:00:00+00:00",
    kind="opened",
    severity="error",
    title="ERROR: duplication rate, café/events",
    text="expected 0.15, found 0.31\nOwner: data-engineering",
)
HOOK = WebhookSink(kind="webhook", url_env="URL")
ADDRESS = "hooks.invalid/s3cr3t"


def mail_to(post: Mailbox, **changes: object) -> EmailSink:
    fields = {"host": "127.0.0.1", "port": post.port, "security": "none", **changes}
    [sink] = alerts(
        {"kind": "email", "sender": "trustlift@example.com", "to": ["data@example.com"], **fields}
    ).sinks
    assert isinstance(sink, EmailSink)
    return sink


def test_a_webhook_gets_the_words_and_an_id_to_know_them_by(hook: Webhook) -> None:
    make_send({"URL": hook.url})(HOOK, MESSAGE)
    [body] = hook.bodies
    assert body["text"] == f"{MESSAGE.title}\n{MESSAGE.text}"
    assert body["blocks"][0]["text"]["text"] == MESSAGE.title
    assert hook.ids == ["trustlift-1"]


@pytest.mark.parametrize(
    ("code", "is_refused"), [(400, True), (403, False), (404, False), (413, True), (503, False)]
)
def test_an_answer_that_is_no_success_is_a_fault_of_the_message_or_of_the_sink(
    hook: Webhook, code: int, is_refused: bool
) -> None:
    hook.answers = [code]
    with pytest.raises(SinkError, match=f"answered HTTP {code}") as caught:
        make_send({"URL": hook.url})(HOOK, MESSAGE)
    assert caught.value.is_refused is is_refused
    assert hook.bodies == []


def test_a_sink_may_say_how_long_to_wait(hook: Webhook) -> None:
    hook.answers, hook.headers = [429], {"Retry-After": "120"}
    with pytest.raises(SinkError) as caught:
        make_send({"URL": hook.url})(HOOK, MESSAGE)
    assert (caught.value.retry_after, caught.value.is_refused) == (120, False)


def test_a_redirect_is_no_success(hook: Webhook) -> None:
    hook.answers, hook.headers = [302], {"Location": hook.url}
    with pytest.raises(SinkError, match="answered HTTP 302"):
        make_send({"URL": hook.url})(HOOK, MESSAGE)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "URL is not set"),
        ({"URL": f"http://{ADDRESS}"}, "must hold an https:// address"),
        ({"URL": ADDRESS}, "must hold an https:// address"),
        ({"URL": "http://127.0.0.1:9/s3cr3t"}, "cannot be reached"),
    ],
)
def test_a_fault_names_the_variable_and_never_the_address(
    environ: dict[str, str], told: str
) -> None:
    with pytest.raises(SinkError, match=told) as caught:
        make_send(environ)(HOOK, MESSAGE)
    assert "s3cr3t" not in str(caught.value)
    assert not caught.value.is_refused


def test_a_ping_asks_for_its_address(hook: Webhook) -> None:
    make_send({"PING": hook.url})(PingSink(kind="ping", url_env="PING"), MESSAGE)
    assert (hook.pings, hook.bodies) == (1, [])


def test_a_mail_has_subject_text_and_an_id_that_stays(post: Mailbox) -> None:
    for _ in range(2):
        make_send({})(mail_to(post), MESSAGE)
    assert post.subjects == [f"[trustlift] {MESSAGE.title}"] * 2
    first, second = post.mails
    assert first["Message-ID"] == second["Message-ID"] == "<trustlift-1@example.com>"
    assert str(first.get_payload()).split()[:4] == MESSAGE.text.split()[:4]


@pytest.mark.parametrize(("answer", "is_refused"), [("554 no", True), ("451 later", False)])
def test_a_mail_server_may_refuse_for_good_or_for_now(
    post: Mailbox, answer: str, is_refused: bool
) -> None:
    post.answers = [answer]
    with pytest.raises(SinkError, match=f"answered SMTP {answer[:3]}") as caught:
        make_send({})(mail_to(post), MESSAGE)
    assert caught.value.is_refused is is_refused
    assert post.mails == []


@pytest.mark.parametrize(
    "refusing", [["gone@example.com"], ["gone@example.com", "data@example.com"]]
)
@pytest.mark.parametrize(("answer", "is_refused"), [("550 who?", True), ("450 later", False)])
def test_a_recipient_who_is_refused_is_not_forgotten(
    post: Mailbox, refusing: list[str], answer: str, is_refused: bool
) -> None:
    post.strangers = dict.fromkeys(refusing, answer)
    sink = mail_to(post, to=["data@example.com", "gone@example.com"])
    with pytest.raises(SinkError, match=f"SMTP {answer[:3]} to {len(refusing)} of its") as caught:
        make_send({})(sink, MESSAGE)
    assert caught.value.is_refused is is_refused
    assert "example.com" not in str(caught.value)
    assert len(post.mails) == 2 - len(refusing)


def test_a_mail_never_goes_in_the_clear_where_that_was_not_asked_for(post: Mailbox) -> None:
    with pytest.raises(SinkError, match="cannot be reached: SMTPNotSupportedError"):
        make_send({})(mail_to(post, security="starttls"), MESSAGE)
    assert post.mails == []


def test_a_login_needs_the_password_of_the_environment(post: Mailbox) -> None:
    sink = mail_to(post, username="me", password_env="MAIL_WORD")  # noqa: S106
    with pytest.raises(SinkError, match="MAIL_WORD is not set"):
        make_send({})(sink, MESSAGE)


def test_no_mail_server_is_a_fault_of_the_way_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise smtplib.SMTPServerDisconnected("data@example.com")

    monkeypatch.setattr(smtplib, "SMTP", gone)
    with pytest.raises(SinkError, match="cannot be reached") as caught:
        make_send({})(mail_to(Mailbox(port=1)), MESSAGE)
    assert "example.com" not in str(caught.value)


def test_a_file_gets_one_line_a_message_also_after_a_crash(tmp_path: Path) -> None:
    file = tmp_path / "new" / "alerts.jsonl"
    context = {"base": tmp_path, "environ": {}, "cwd": tmp_path}
    [sink] = Alerts.model_validate(
        {"sinks": [{"kind": "file", "path": "new/alerts.jsonl"}]}, context=context
    ).sinks
    send = make_send({})
    send(sink, MESSAGE)
    with file.open("a") as half:
        half.write('{"message_id": "trustl')
    send(sink, replace(MESSAGE, message_id="trustlift-2"))
    first, broken, second = file.read_text().splitlines()
    assert [json.loads(line)["message_id"] for line in (first, second)] == [
        "trustlift-1",
        "trustlift-2",
    ]
    assert broken == '{"message_id": "trustl'
