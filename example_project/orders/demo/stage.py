"""The site and a simulated Vonage on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.test.utils import override_settings
from django.urls import reverse

from django_vonage_messages.simulator import Simulator
from example_project.orders.demo.site import HOST, open_site


@dataclass(frozen=True)
class Stage:
    """The running site and simulator. ``url`` is the site's URL, without a trailing slash."""

    url: str
    port: int
    simulator: Simulator


@contextmanager
def open_stage(port: int, time_scale: float) -> Iterator[Stage]:
    """Serve the site on ``port`` or the next free port, and run a simulator for its account.

    ``time_scale`` multiplies the simulator's delays.
    """
    # Settings are read at each use, so the account can be added when the simulator has a port.
    # The override ends last, so that no webhook arrives when the site has no account.
    accounts: dict[str, Any] = {}
    with (
        override_settings(VONAGE_MESSAGES=accounts, ALLOWED_HOSTS=[HOST]),
        open_site(port) as site,
        Simulator(
            status_url=site.url + reverse("vonage_messages:message-status"),
            inbound_url=site.url + reverse("vonage_messages:inbound-message"),
            time_scale=time_scale,
        ) as simulator,
    ):
        accounts["default"] = simulator.settings()
        yield Stage(site.url, site.port, simulator)
