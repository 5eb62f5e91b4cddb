"""The VONAGE_* variables of the environment, as an account of the VONAGE_MESSAGES setting.

=========================  =========================================================================
VONAGE_API_KEY             with VONAGE_API_SECRET: the account's own credentials (Basic)
VONAGE_API_SECRET
VONAGE_APPLICATION_ID      with VONAGE_PRIVATE_KEY: an application's credentials (JWT)
VONAGE_PRIVATE_KEY         PEM text, PEM with ``\\n`` for its line ends, or the path of a file
VONAGE_AUTH                ``jwt`` or ``basic``; needed only when both are set
VONAGE_SIGNATURE_SECRETS   what webhooks are signed with; several with commas between them
VONAGE_SIGNATURE_SECRET    the same, for one
VONAGE_SMS_SENDER          the number that texts come from
VONAGE_MMS_SENDER          the number that pictures come from
VONAGE_WHATSAPP_SENDER     the WhatsApp number
VONAGE_VIBER_SENDER        the Viber Service Message id
VONAGE_MESSENGER_SENDER    the id of the Facebook page
VONAGE_REGION              such as ``GB``: where a number with a leading 0 belongs
VONAGE_BASE_URL            instead of https://api.nexmo.com, for a simulator
=========================  =========================================================================

With no credentials, messages go to the console, and a sender that is not set is made up.
"""

from typing import Any, Final

import environ

CONSOLE: Final = "django_vonage_messages.backends.console.ConsoleBackend"
API: Final = "django_vonage_messages.backends.api.ApiBackend"
SENDER: Final = "447700900001"
"""Of the range that Ofcom keeps for fiction: it belongs to nobody."""
CONSOLE_SENDERS: Final = {
    "sms": SENDER,
    "mms": SENDER,
    "whatsapp": SENDER,
    "viber": "22353",
    "messenger": "107083064136738",
}
"""So that every channel can be tried with nothing set: nothing leaves the console."""

_CREDENTIALS: Final = ("API_KEY", "API_SECRET", "APPLICATION_ID", "PRIVATE_KEY")


def account_from(env: environ.Env) -> dict[str, Any]:
    """Return one account. With any credential set it calls the API; with none, it writes messages
    to the console.
    """
    account: dict[str, Any] = {
        "BACKEND": CONSOLE,
        "SENDERS": CONSOLE_SENDERS | _senders(env),
        "REGION": env.str("VONAGE_REGION", default="") or None,
        "SIGNATURE_SECRETS": _signature_secrets(env),
    }
    credentials = _credentials(env)
    return account | _api(env, credentials) if credentials else account


def _api(env: environ.Env, credentials: dict[str, str]) -> dict[str, Any]:
    base_url = env.str("VONAGE_BASE_URL", default="")
    return {
        **credentials,
        "BACKEND": API,
        "SENDERS": {"sms": SENDER} | _senders(env),
        "AUTH": env.str("VONAGE_AUTH", default="") or None,
        "OPTIONS": {"base_url": base_url} if base_url else {},
    }


def _senders(env: environ.Env) -> dict[str, str]:
    found = {
        channel: env.str(f"VONAGE_{channel.upper()}_SENDER", default="")
        for channel in CONSOLE_SENDERS
    }
    return {channel: sender for channel, sender in found.items() if sender}


def _credentials(env: environ.Env) -> dict[str, str]:
    found = {key: env.str(f"VONAGE_{key}", default="") for key in _CREDENTIALS}
    return {key: value for key, value in found.items() if value}


def _signature_secrets(env: environ.Env) -> list[str]:
    one = env.str("VONAGE_SIGNATURE_SECRET", default="")
    several: list[str] = env.list("VONAGE_SIGNATURE_SECRETS", default=[])
    return [*several, *([one] if one else [])]
