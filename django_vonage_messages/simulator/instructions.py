"""How a site is pointed at a running simulator, as text to copy."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from django_vonage_messages.simulator.vonage import Simulator

_VARIABLES = {
    "API_KEY": "VONAGE_API_KEY",
    "API_SECRET": "VONAGE_API_SECRET",
    "SIGNATURE_SECRETS": "VONAGE_SIGNATURE_SECRET",
    "SENDERS": "VONAGE_SMS_SENDER",
}


def instructions(simulator: Simulator, alias: str, known: Collection[str] = ()) -> str:
    """Return the settings and the example project's environment variables for a simulator.

    ``known`` are the keys that the account has already: their values may be real secrets, so they
    are left out.
    """
    account = {key: value for key, value in simulator.settings().items() if key in _VARIABLES}
    needed = {key: value for key, value in account.items() if key not in known}
    return "\n".join(_lines(simulator.base_url, alias, needed, complete=not known))


def _lines(base_url: str, alias: str, needed: dict[str, Any], *, complete: bool) -> Iterator[str]:
    yield "In the site's settings:" if complete else "In the site's settings, beside what is there:"
    yield ""
    yield f"    VONAGE_MESSAGES = {{{json.dumps(alias)}: {{"
    for key, value in needed.items():
        yield f"        {json.dumps(key)}: {_python(value)},"
    yield f'        "OPTIONS": {{"base_url": {json.dumps(base_url)}}},'
    yield "    }}"
    yield ""
    yield "Or, for the example project, in its environment:"
    yield ""
    yield f"    VONAGE_BASE_URL={base_url}"
    for key, value in needed.items():
        yield f"    {_VARIABLES[key]}={_plain(value)}"


def _python(value: Any) -> str:
    """Return a value as it is written in settings: a dict with a line for each of its keys."""
    if not isinstance(value, dict):
        return json.dumps(value)
    lines = (f"            {json.dumps(key)}: {json.dumps(item)},\n" for key, item in value.items())
    return "{\n" + "".join(lines) + "        }"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["sms"])
    return str(value[0]) if isinstance(value, list) else str(value)
