"""``manage.py demo``: play the example on this machine, without a Vonage account."""

import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from django_vonage_messages.simulator.terminal import single_interrupt
from example_project.orders.demo.browser import Login, PageProblem, Staff, make_login
from example_project.orders.demo.database import prepare_database, temporary_database
from example_project.orders.demo.expectation import Expectation
from example_project.orders.demo.expectations import expectations
from example_project.orders.demo.live import stay
from example_project.orders.demo.screen import Screen
from example_project.orders.demo.stage import Stage, open_stage
from example_project.orders.demo.story import PlayedStory, Story, waiting_order
from example_project.orders.demo.teller import StoryStopped

PORT: Final = 8000
CHECK_TIME_SCALE: Final = 0.05


class Command(BaseCommand):
    help = (
        "Exchange messages by SMS, WhatsApp and Viber with a simulated Vonage over real HTTP, then "
        "serve the site until Ctrl-C."
    )
    # The demo does not use the account in the settings, so errors in the account do not matter.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=PORT,
            help="Port of the site. If it is in use, the next free port. Default: %(default)s",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Use a temporary database, check the results, and exit (with 1 if a check fails).",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the demo. Raises CommandError if it stops early or a check fails."""
        try:
            with single_interrupt():
                self._run(**options)
        except (StoryStopped, PageProblem) as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. The messages stay in the database.")

    def _run(self, *, check: bool, port: int, **_options: Any) -> None:
        if check:
            self._check()
        else:
            self._show(port)

    def _show(self, port: int) -> None:
        screen = Screen(self.stdout, self.style)
        screen.line("This demo runs a shop, its customers and a simulated Vonage on this machine.")
        screen.line("Messages to customers are marked >, messages from customers <.")
        screen.line("Statuses appear when they arrive.")
        screen.line()
        screen.line(f"  Database   {prepare_database()}")
        login = make_login()
        with open_stage(port, time_scale=1) as stage:
            if stage.port != port:
                screen.line(f"  Port       {stage.port} ({port} is in use)")
            screen.line(f"  Site       {stage.url}/")
            screen.line(f"  Simulator  {stage.simulator.base_url}")
            played = _play(stage, login, screen)
            _show_addresses(stage, played, login, screen)
            stay(stage.simulator, screen)

    def _check(self) -> None:
        started = time.monotonic()
        screen = Screen(self.stdout, self.style, quiet=True)
        with temporary_database(), open_stage(0, CHECK_TIME_SCALE) as stage:
            played = _play(stage, make_login(), screen)
            stage.simulator.wait_until_idle()
            self._report(list(expectations(played, stage.simulator)))
        self.stdout.write(f"\nAll checks passed in {time.monotonic() - started:.1f} s.")

    def _report(self, results: list[Expectation]) -> None:
        for result in results:
            mark = self.style.SUCCESS("ok  ") if result.passed else self.style.ERROR("FAIL")
            self.stdout.write(f"{mark}  {result}")
        failed = [result.name for result in results if not result.passed]
        if failed:
            raise CommandError(
                f"{len(failed)} of {len(results)} checks failed: {'; '.join(failed)}."
            )


def _play(stage: Stage, login: Login, screen: Screen) -> PlayedStory:
    with Staff(stage.url) as staff:
        staff.log_in(login)
        return Story(stage.simulator, staff, screen).play()


def _show_addresses(stage: Stage, played: PlayedStory, login: Login, screen: Screen) -> None:
    screen.heading("Try it yourself")
    screen.line(f"  Log in as   {login.username}, password {login.password}")
    threads = {
        "SMS": played.waiting,
        "WhatsApp": played.whatsapp.waiting,
        "Viber": played.viber.waiting,
    }
    for name, thread in threads.items():
        page = reverse("admin:vonage_messages_conversation_change", args=[thread.pk])
        screen.line(f"  {name:<10}  {stage.url}{page}")
    screen.line("              Send a reply, then reload the page to see its status.")
    screen.line(f"  The shop    {stage.url}/")
    screen.line(f"              Press Ship for order {waiting_order()}.")
    screen.line()
