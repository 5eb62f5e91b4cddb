"""``manage.py demo`` and its parts."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.core.management.color import no_style
from django.db import connection

from django_vonage_messages.models import Message
from example_project.orders.demo.browser import forms_in, make_login
from example_project.orders.demo.database import prepare_database
from example_project.orders.demo.expectations import Expectation
from example_project.orders.demo.live import read_line
from example_project.orders.demo.screen import Screen
from example_project.orders.demo.site import open_site
from example_project.orders.management.commands.demo import Command

ROOT = Path(__file__).resolve().parents[2]


def _environment(database_url: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("VONAGE_")}
    return {
        **others,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
    }


@pytest.mark.slow
def test_demo_check_passes_and_does_not_use_the_sites_database(tmp_path: Path) -> None:
    own = tmp_path / "own.sqlite3"
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "manage.py", "demo", "--check"],
        cwd=ROOT,
        env=_environment(os.environ.get("DATABASE_URL") or f"sqlite:///{own}"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "FAIL" not in result.stdout
    assert "ok    status of the staff reply: delivered" in result.stdout
    assert not own.exists()


def test_failed_check_is_named_and_fails_the_command() -> None:
    out = StringIO()
    results = [
        Expectation("the text was", "delivered", "delivered"),
        Expectation("the reply was", "delivered", "submitted"),
        Expectation("the ledger", {"a", "b"}, {"b", "c"}),
    ]
    with pytest.raises(CommandError, match="2 of 3 checks failed: the reply was; the ledger"):
        Command(stdout=out, no_color=True)._report(results)
    assert out.getvalue().splitlines() == [
        "ok    the text was: delivered",
        "FAIL  the reply was: expected delivered, found submitted",
        "FAIL  the ledger: missing a, unexpected c",
    ]


def test_next_free_port_is_used() -> None:
    first = open_site(0)
    second = open_site(first.port)
    try:
        assert second.port > first.port
    finally:
        first.server_close()
        second.server_close()


def test_error_explains_that_no_port_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("example_project.orders.demo.site.PORTS_TRIED", 1)
    site = open_site(0)
    try:
        with pytest.raises(CommandError, match=f"No port from {site.port} .* Choose another"):
            open_site(site.port)
    finally:
        site.server_close()


@pytest.mark.django_db
def test_login_of_the_demo_is_created_and_reset(django_user_model: Any) -> None:
    first = make_login()
    django_user_model.objects.update(is_active=False, is_superuser=False)
    second = make_login()
    user = django_user_model.objects.get()
    assert first.password != second.password
    assert user.check_password(second.password)
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, True, True)
    assert second.password not in repr(second)


@pytest.mark.django_db
def test_a_database_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", ":memory:")
    with pytest.raises(CommandError, match="in memory"):
        prepare_database()


def test_forms_are_parsed_with_hidden_fields_and_text_box() -> None:
    first, second = forms_in(
        '<input type="hidden" name="outside" value="1">'
        '<form action="/search/"><input name="q"></form>'
        '<form method="post" action="7/reply/"><input type="hidden" name="csrf" value="a&amp;b">'
        '<textarea name="text">x</textarea><button>Send</button></form>'
    )
    assert (first.action, first.hidden, first.textarea) == ("/search/", {}, "")
    assert (second.action, second.hidden, second.textarea) == (
        "7/reply/",
        {"csrf": "a&b"},
        "text",
    )


def test_a_quiet_screen_writes_nothing() -> None:
    out = StringIO()
    for quiet in (True, False):
        screen = Screen(OutputWrapper(out), no_style(), quiet=quiet)
        screen.heading("1. One")
        screen.status("sending", first=True)
        screen.status("delivered", first=False)
        screen.line()
    assert out.getvalue() == "\n1. One\n     sending, delivered\n"


@pytest.mark.parametrize(
    ("content_type", "content", "shown"),
    [
        ("image", {"image": {"url": "https://example.com/a.jpg", "caption": "Look"}}, "Look"),
        ("audio", {"audio": {"url": "https://example.com/a.mp3"}}, ""),
        ("location", {"location": {"latitude": "51.5", "longitude": "-0.1"}}, "51.5, -0.1"),
        ("button", {"button": {"payload": "yes", "text": "Yes"}}, "Yes"),
        ("template", {"template": {"name": "a:b", "parameters": ["1", "2"]}}, "a:b (1, 2)"),
        ("unsupported", {}, ""),
    ],
)
def test_screen_shows_contents_other_than_text(
    content_type: str, content: dict[str, Any], shown: str
) -> None:
    out = StringIO()
    message = Message(direction="inbound", content_type=content_type, content=content)
    Screen(OutputWrapper(out), no_style()).text(message)
    assert out.getvalue() == f"   < [{content_type}] {shown}".rstrip() + "\n"


@pytest.mark.parametrize(
    ("line", "channel", "text"),
    [
        ("Hello\n", "sms", "Hello"),
        ("whatsapp: Hello\n", "whatsapp", "Hello"),
        ("Viber:Hello: you\n", "viber", "Hello: you"),
        ("PS: whatsapp: Hello\n", "sms", "PS: whatsapp: Hello"),
        ("whatsapp\n", "sms", "whatsapp"),
        ("whatsapp: \n", "whatsapp", ""),
        ("\n", "sms", ""),
    ],
)
def test_typed_line_is_sent_on_its_channel(line: str, channel: str, text: str) -> None:
    assert read_line(line) == (channel, text)


def test_command_has_a_help_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("demo", "--help")
    assert "--check" in capsys.readouterr().out
