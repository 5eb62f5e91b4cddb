"""The site and a simulated Vonage, side by side on this machine."""

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
    """Where it all takes place; ``url`` is the site's, without a slash at its end."""

    url: str
    port: int
    simulator: Simulator


@contextmanager
def open_stage(port: int, time_scale: float) -> Iterator[Stage]:
    """Serve the site on ``port`` or the next free one, with its account at a simulator.

    ``time_scale`` multiplies the simulator's waits.
    """
    # Accounts are read at each use, so this one can come when the simulator has its port; and it
    # goes last, so that no webhook meets a site that does not know it.
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
