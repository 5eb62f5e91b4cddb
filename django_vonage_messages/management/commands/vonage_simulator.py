"""``manage.py vonage_simulator``: run the simulator in a terminal."""

import argparse
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.protocol import channels as protocol
from django_vonage_messages.simulator import Simulator
from django_vonage_messages.simulator.api_credentials import public_key_of
from django_vonage_messages.simulator.recorder import logger
from django_vonage_messages.simulator.reference import CHANNELS, SMS, VERSIONS
from django_vonage_messages.simulator.scenarios import describe_outcomes
from django_vonage_messages.simulator.terminal import (
    EXAMPLES,
    read_line,
    setup_instructions,
    single_interrupt,
)

# These values are public. They are the same at each start, so that copied settings stay valid.
API_KEY = "simulator"
API_SECRET = "simulator-api-secret"  # noqa: S105  # valid only for a simulator
SIGNATURE_SECRET = "simulator-signature-secret-for-development"  # noqa: S105  # as above
SENDERS = {name: channel.sender for name, channel in CHANNELS.items()}


class _HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Help formatter that keeps the line breaks of the epilog."""


class Command(BaseCommand):
    help = (
        "Simulate the Vonage Messages API (v0.1 and v1) on this machine: accept messages on every "
        "channel and call your webhooks."
    )
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"formatter_class": _HelpFormatter, "epilog": describe_outcomes()}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="Address to listen on. Default: %(default)s"
        )
        parser.add_argument(
            "--port", type=int, default=8090, help="Port to listen on. Default: %(default)s"
        )
        parser.add_argument(
            "--site",
            default="http://127.0.0.1:8000/webhooks/",
            help="URL under which your site receives the webhooks. Default: %(default)s",
        )
        parser.add_argument(
            "--account",
            default="default",
            help="Account of VONAGE_MESSAGES to simulate. Default: %(default)s",
        )
        parser.add_argument(
            "--time-scale",
            type=float,
            default=1.0,
            help="Factor for every delay: 0.1 is ten times as fast. Default: %(default)s",
        )
        parser.add_argument(
            "--reply",
            default="",
            help="Text with which each recipient answers the first message. Default: no answer",
        )
        parser.add_argument(
            "--webhook-version",
            choices=VERSIONS,
            default="v0.1",
            help="API version of inbound webhooks (RCS: always v1). Default: %(default)s",
        )
        parser.add_argument(
            "--outcomes",
            action="store_true",
            help="Print the outcome of each number and all error codes, and exit.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["outcomes"]:
            self.stdout.write(describe_outcomes())
            return
        values = _read_account(options["account"])
        try:
            simulator = _make_simulator(values, options).start()
        except ValueError as exc:
            raise CommandError(str(exc)) from exc
        except OSError as exc:
            raise CommandError(
                f"Cannot listen on {options['host']}:{options['port']} ({exc.strerror}). "
                "Choose another port with --port."
            ) from exc
        with single_interrupt():
            self._run(simulator, values, options)

    def _run(
        self, simulator: Simulator, values: "_AccountValues", options: Mapping[str, Any]
    ) -> None:
        try:
            with _printing(_Printer(self)):
                self._introduce(simulator, values, options)
                self._play_customer(simulator, values.senders)
        except KeyboardInterrupt:
            self._print("Stopped.")
        finally:
            simulator.stop()

    def _introduce(
        self, simulator: Simulator, values: "_AccountValues", options: Mapping[str, Any]
    ) -> None:
        self._print(f"Simulator  {simulator.base_url}\n")
        self._print(f"Webhooks   {options['site']}\n\n")
        alias = options["account"]
        self._print(setup_instructions(simulator, alias, values.configured, values.base_url))
        self._print(f"\n{describe_outcomes(codes=False)}\n")
        self._print("To list the error codes, use --outcomes.\n\n")
        self._print("To write to your site as a customer, type a line such as:\n")
        self._print("".join(f"  {example}\n" for example in EXAMPLES))
        self._print("Press Ctrl-C to stop.\n\n")

    def _play_customer(self, simulator: Simulator, senders: Mapping[str, str]) -> None:
        for line in sys.stdin or ():
            if line.strip():
                try:
                    _send(simulator, line, senders)
                except ValueError as exc:
                    self._print(f"Not sent. {exc}")
        threading.Event().wait()  # no more input: run until the signal

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _send(simulator: Simulator, line: str, senders: Mapping[str, str]) -> None:
    typed = read_line(line)
    name = typed.channel.name
    if name not in senders:
        raise ValueError(
            f"The account has no {name} sender that can receive messages. Add one to its SENDERS."
        )
    simulator.customer_sends(typed.content, typed.from_, senders[name], channel=name)


class _Printer(logging.Handler):
    def __init__(self, command: Command) -> None:
        super().__init__(logging.INFO)
        self._command = command
        self.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        self._command.stdout.write(self.format(record))
        self._command.stdout.flush()


@contextmanager
def _printing(handler: logging.Handler) -> Iterator[None]:
    # Independent of the site's LOGGING setting.
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


@dataclass(frozen=True, repr=False)
class _AccountValues:
    senders: Mapping[str, str]  # at most one for each channel
    known: Mapping[str, str] | None = None  # non-empty settings; None if the site has no account
    public_key: str = ""
    base_url: str = ""

    @property
    def configured(self) -> set[str] | None:
        if self.known is None:
            return None
        # An account that uses a JWT does not need an API key.
        has_jwt = self.public_key and "APPLICATION_ID" in self.known
        return {*self.known, *(("API_KEY", "API_SECRET") if has_jwt else ())}


def _read_account(alias: str) -> _AccountValues:
    if not getattr(settings, "VONAGE_MESSAGES", None):
        return _AccountValues(SENDERS)
    try:
        return _values_of(get_account(alias))
    except (ImproperlyConfigured, ValueError, TypeError) as exc:
        raise CommandError(f"Cannot simulate the account {alias!r}: {exc}") from exc


def _values_of(account: Account) -> _AccountValues:
    senders = _senders(account)
    known = {
        "API_KEY": account.api_key,
        "API_SECRET": account.api_secret,
        "APPLICATION_ID": account.application_id,
        "SIGNATURE_SECRETS": next(iter(account.signature_secrets), ""),
        "SENDERS": ", ".join(senders.values()),
    }
    return _AccountValues(
        senders=senders or SENDERS,
        known={key: value for key, value in known.items() if value},
        public_key=public_key_of(account.private_key) if account.private_key else "",
        base_url=str(account.options.get("base_url", "")),
    )


def _senders(account: Account) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in CHANNELS:
        addresses = account.senders(protocol.CHANNELS[name])
        # Customers cannot reply to alphanumeric SMS senders.
        usable = (sender for sender in addresses if name != SMS.name or sender.isdigit())
        if (first := next(usable, None)) is not None:
            found[name] = first
    return found


def _make_simulator(values: _AccountValues, options: Mapping[str, Any]) -> Simulator:
    site = options["site"].rstrip("/")
    known = values.known or {}
    return Simulator(
        options["host"],
        options["port"],
        api_key=known.get("API_KEY", API_KEY),
        api_secret=known.get("API_SECRET", API_SECRET),
        application_id=known.get("APPLICATION_ID", ""),
        public_key=values.public_key,
        signature_secret=known.get("SIGNATURE_SECRETS", SIGNATURE_SECRET),
        status_url=f"{site}/message-status",
        inbound_url=f"{site}/inbound-message",
        time_scale=options["time_scale"],
        reply=options["reply"],
        webhook_version=options["webhook_version"],
    )
