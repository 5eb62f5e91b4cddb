"""``manage.py vonage_simulator``."""

import ast
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import override_settings

from django_vonage_messages.management.commands.vonage_simulator import SENDERS
from django_vonage_messages.simulator import Simulator
from django_vonage_messages.simulator.api_credentials import public_key_of
from django_vonage_messages.simulator.recorder import Callback
from django_vonage_messages.simulator.scenarios import describe_outcomes
from django_vonage_messages.simulator.terminal import setup_instructions
from django_vonage_messages.simulator.webhook_client import Webhook, WebhookClient
from tests.simulator.receiver import Receiver

ACCOUNT = {
    "API_KEY": "a-key",
    "API_SECRET": "an-api-secret",
    "SIGNATURE_SECRETS": ["a-signature-secret-of-32-characters", "an-older-one"],
    "SENDERS": {"sms": ["MyCompany", "447700900009"]},
}


def accounts(**changes: Any) -> Any:
    return override_settings(VONAGE_MESSAGES={"default": ACCOUNT | changes})


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a customer type an invalid line, an empty line and a message, then press Ctrl-C."""

    def keyboard() -> Iterator[str]:
        yield from ("no number\n", "\n", "+447700900000: Where is it?\n")
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", keyboard())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Simulator]:
    """The simulators that the command started."""
    simulators: list[Simulator] = []
    start = Simulator.start

    def recorded(self: Simulator) -> Simulator:
        simulators.append(self)
        return start(self)

    monkeypatch.setattr(Simulator, "start", recorded)
    return simulators


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def recorded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record each webhook at once without a request, because Ctrl-C follows too soon."""

    def post(self: WebhookClient, make_webhook: Callable[[], Webhook], **_: Any) -> None:
        webhook = make_webhook()
        self._recorder.add_callback(Callback(webhook.message_uuid, webhook.kind, "", webhook.body))

    monkeypatch.setattr(WebhookClient, "post", post)


def run(port: int = 0, **options: Any) -> str:
    out = io.StringIO()
    call_command("vonage_simulator", port=port, stdout=out, **options)
    return out.getvalue()


def test_option_outcomes_prints_the_table_only() -> None:
    assert run(outcomes=True) == describe_outcomes() + "\n"


def test_help_shows_the_table_of_outcomes() -> None:
    command = load_command_class(get_commands()["vonage_simulator"], "vonage_simulator")
    assert (
        describe_outcomes() in command.create_parser("manage.py", "vonage_simulator").format_help()
    )


def type_lines(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Type these lines, then press Ctrl-C."""

    def keyboard() -> Iterator[str]:
        yield from lines
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", keyboard())


def inbound(simulator: Simulator) -> list[Any]:
    return [json.loads(callback.body) for callback in simulator.callbacks]


LINES = {
    "sms": "447700900000: Hello\n",
    "mms": "mms 447700900000 image: https://example.com/cat.jpg\n",
    "whatsapp": "whatsapp 447700900000 location: 51.5,-0.12 Office\n",
    "viber": "viber 447700900000: Hello\n",
    "messenger": "messenger 0123456789012345 button: Yes\n",
}


@pytest.mark.usefixtures("recorded_at_once")
def test_typed_line_is_sent_to_the_first_sender_of_its_channel(
    monkeypatch: pytest.MonkeyPatch, started: list[Simulator]
) -> None:
    senders = {
        "sms": ["MyCompany", "447700900009"],
        "mms": ["12345", "447700900009"],
        "whatsapp": "447700900008",
        "viber_service_msg": ["654321", "7"],
        "messenger": ["9876543210"],
    }
    type_lines(monkeypatch, *LINES.values())
    with accounts(SENDERS=senders):
        text = run()
    assert "Not sent." not in text
    assert [body["to"] for body in inbound(started[0])] == [
        {"type": "sms", "number": "447700900009"},
        {"type": "mms", "number": "12345"},
        {"type": "whatsapp", "number": "447700900008"},
        {"type": "viber_service_msg", "id": "654321"},
        {"type": "messenger", "id": "9876543210"},
    ]


@pytest.mark.usefixtures("recorded_at_once")
def test_typed_line_is_not_sent_without_a_sender_on_its_channel(
    monkeypatch: pytest.MonkeyPatch, started: list[Simulator]
) -> None:
    type_lines(monkeypatch, *LINES.values())
    with accounts(SENDERS={"sms": "MyCompany", "viber": "654321"}):
        text = run()
    for channel in ("sms", "mms", "whatsapp", "messenger"):
        assert f"Not sent. The account has no {channel} sender" in text
    (body,) = inbound(started[0])
    assert body["to"] == {"type": "viber_service_msg", "id": "654321"}
    assert '"SENDERS"' not in text


@pytest.mark.usefixtures("recorded_at_once")
def test_account_without_senders_gets_one_on_every_channel(
    monkeypatch: pytest.MonkeyPatch, started: list[Simulator]
) -> None:
    type_lines(monkeypatch, *LINES.values())
    with accounts(SENDERS={}):
        text = run()
    assert "Not sent." not in text
    of_v0_1 = [(channel, sender) for channel, sender in SENDERS.items() if channel != "rcs"]
    for (channel, sender), body in zip(of_v0_1, inbound(started[0]), strict=True):
        assert f'            "{channel}": "{sender}",\n' in text
        assert sender in body["to"].values()


@pytest.mark.usefixtures("recorded_at_once")
@pytest.mark.parametrize("version", ["v0.1", "v1"])
def test_option_webhook_version_sets_the_form_of_inbound_messages(
    monkeypatch: pytest.MonkeyPatch, started: list[Simulator], version: str
) -> None:
    type_lines(monkeypatch, LINES["whatsapp"], "rcs 447700900000: Hello\n")
    with override_settings(VONAGE_MESSAGES={}):
        run(webhook_version=version)
    whatsapp, rcs = inbound(started[0])
    assert ("message_type" in whatsapp) == (version == "v1")
    assert (rcs["channel"], rcs["to"], rcs["text"]) == ("rcs", SENDERS["rcs"], "Hello")


def test_invalid_line_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    type_lines(monkeypatch, "Hello\n", "email 447700900000: Hello\n", "447700900000 image: x\n")
    with accounts():
        text = run()
    assert "Not sent. Write a number, a colon and a text: 447700900000: Hello\n" in text
    assert "Not sent. Unknown channel 'email'. Use one of: sms, mms," in text
    assert "Not sent. Write a URL, with or without a caption: image: https://" in text


@pytest.mark.usefixtures("stdin")
def test_command_prints_the_settings_and_stops_on_ctrl_c() -> None:
    with override_settings(VONAGE_MESSAGES={}):
        text = run()
    assert re.search(r"VONAGE_BASE_URL=http://127\.0\.0\.1:\d+\n", text)
    for line in (
        "VONAGE_API_KEY=simulator\n",
        "VONAGE_API_SECRET=simulator-api-secret\n",
        "VONAGE_SIGNATURE_SECRET=simulator-signature-secret-for-development\n",
        "VONAGE_SMS_SENDER=447700900001\n",
    ):
        assert line in text
    assert describe_outcomes(codes=False) in text
    assert "Not sent." in text
    assert text.endswith("Stopped.\n")


def test_printed_settings_are_valid_python() -> None:
    with Simulator(api_key="k", api_secret="s", signature_secret='a"b') as simulator:
        text = setup_instructions(simulator, "default")
        shown = re.search(r"VONAGE_MESSAGES = (\{.*?\n    \}\})", text, re.S)
        assert shown is not None
        account = ast.literal_eval(shown[1])["default"]
        expected = simulator.settings()
    assert account.pop("OPTIONS") == {"base_url": expected["OPTIONS"]["base_url"]}
    assert account == {key: expected[key] for key in account}
    assert account.keys() == {"API_KEY", "API_SECRET", "SIGNATURE_SECRETS", "SENDERS"}


@pytest.mark.usefixtures("stdin")
def test_secrets_of_the_account_are_used_and_not_printed(started: list[Simulator]) -> None:
    with accounts():
        text = run(site="http://127.0.0.1:9/hooks")
    (simulator,) = started
    assert (simulator.api_key, simulator.api_secret) == ("a-key", "an-api-secret")
    assert simulator.signature_secret == "a-signature-secret-of-32-characters"
    assert simulator.application_id == ""
    assert simulator.status_url == "http://127.0.0.1:9/hooks/message-status"
    assert simulator.inbound_url == "http://127.0.0.1:9/hooks/inbound-message"
    assert '"OPTIONS": {"base_url"' in text
    for word in ("a-key", "secret-of-32", "api-secret", "API_SECRET", "447700900009"):
        assert word not in text


@pytest.mark.usefixtures("stdin")
def test_account_with_a_jwt_needs_no_basic_credentials(started: list[Simulator]) -> None:
    key = Simulator().private_key
    jwt_account = {"API_KEY": None, "API_SECRET": None, "APPLICATION_ID": "an-application"}
    with accounts(**jwt_account, PRIVATE_KEY=key):
        text = run()
    assert started[0].application_id == "an-application"
    assert started[0].credentials.public_key == public_key_of(key)
    assert "API_KEY" not in text


def settings_in(text: str) -> str:
    """Return the printed text between the two addresses and the table of outcomes."""
    _addresses, _, rest = text.partition("\n\n")
    return rest.partition("\n\nThe recipient's number")[0]


@pytest.mark.usefixtures("stdin")
@pytest.mark.parametrize("url", ["http://127.0.0.1:{}", "http://localhost:{}/"])
def test_account_with_the_address_and_all_settings_gets_one_line(url: str, free_port: int) -> None:
    with accounts(OPTIONS={"base_url": url.format(free_port)}):
        text = run(port=free_port)
    assert settings_in(text) == "The account 'default' already uses this address."


@pytest.mark.usefixtures("stdin")
def test_missing_settings_of_an_account_with_the_address_are_named(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    with accounts(API_SECRET=None, SIGNATURE_SECRETS=[""], OPTIONS={"base_url": url}):
        text = settings_in(run(port=free_port))
    assert text.startswith(
        "The account 'default' already uses this address.\n"
        "Missing settings: API_SECRET, SIGNATURE_SECRETS.\n"
        "Put this in the account:\n"
    )
    assert '"API_SECRET": "simulator-api-secret",\n' in text
    assert "VONAGE_API_SECRET=simulator-api-secret" in text
    for word in ("VONAGE_MESSAGES", "base_url", "BASE_URL", "a-key", "SENDERS"):
        assert word not in text


@pytest.mark.usefixtures("stdin")
@pytest.mark.parametrize("options", [{}, {"base_url": "https://api.nexmo.com"}])
def test_account_with_another_address_gets_the_address(
    options: dict[str, str], free_port: int
) -> None:
    with accounts(OPTIONS=options):
        text = settings_in(run(port=free_port))
    assert text.startswith("The account 'default' does not use this address.\nPut this in the")
    assert f'"OPTIONS": {{"base_url": "http://127.0.0.1:{free_port}"}},\n' in text
    assert f"VONAGE_BASE_URL=http://127.0.0.1:{free_port}" in text
    for word in ("VONAGE_MESSAGES", "Missing settings", "a-key", "SECRET"):
        assert word not in text


@pytest.mark.usefixtures("stdin")
def test_empty_account_gets_no_second_assignment() -> None:
    with override_settings(VONAGE_MESSAGES={"default": {}}):
        text = settings_in(run())
    assert "Missing settings: API_KEY, API_SECRET, SIGNATURE_SECRETS, SENDERS.\n" in text
    assert "VONAGE_MESSAGES" not in text


def test_invalid_account_is_a_command_error() -> None:
    with accounts(API_KEYS="x"), pytest.raises(CommandError, match="API_KEYS"):
        run()
    with accounts(PRIVATE_KEY="-----BEGIN nonsense"), pytest.raises(CommandError, match="default"):
        run()
    with accounts(), pytest.raises(CommandError, match="'other'"):
        run(account="other")


def test_invalid_options_are_command_errors() -> None:
    with accounts(), pytest.raises(CommandError, match="time_scale"):
        run(time_scale=-1)
    with Simulator() as running:
        used_port = int(running.base_url.rpartition(":")[2])
        with accounts(), pytest.raises(CommandError, match=f"{used_port}.*--port"):
            call_command("vonage_simulator", port=used_port, stdout=io.StringIO())


@pytest.mark.slow
def test_process_sends_a_typed_line_and_stops() -> None:
    with Receiver() as site:
        command = "-W error -m django vonage_simulator --settings tests.settings --port 0 --site"
        process = subprocess.Popen(
            [sys.executable, *command.split(), site.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            for line in process.stdout:
                if "Press Ctrl-C to stop." in line:
                    break
            process.stdin.write("447700900000: Where is it?\n")
            process.stdin.flush()
            event = next(line for line in process.stdout if line.strip())
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d 200: inbound webhook of [0-9a-f-]{36} was delivered\n", event
    )
    assert (process.returncode, err) == (0, "")
    assert out.rstrip().endswith("Stopped.")
    (delivery,) = site.deliveries
    assert delivery.json["message"]["content"]["text"] == "Where is it?"
    assert delivery.json["to"]["number"] == "447700900001"


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0, 0.005, 0.1])
def test_second_interrupt_does_not_break_the_first(pause: float) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "django", "vonage_simulator", "--port", str(port)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        while "Press Ctrl-C to stop" not in (line := process.stdout.readline()):
            assert line, "The command ended before it started the simulator."
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(pause)
        assert "Stopped." in process.communicate(timeout=20)[0]
    finally:
        process.kill()
        process.communicate()
