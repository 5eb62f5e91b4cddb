"""The VONAGE_* variables of the environment, as an account of the VONAGE_MESSAGES setting.

=========================  =========================================================================
VONAGE_API_KEY             with VONAGE_API_SECRET: credentials of the account (Basic)
VONAGE_API_SECRET          see VONAGE_API_KEY
VONAGE_APPLICATION_ID      with VONAGE_PRIVATE_KEY: credentials of an application (JWT)
VONAGE_PRIVATE_KEY         PEM text, PEM text with ``\\n`` as line ends, or the path of a file
VONAGE_AUTH                ``jwt`` or ``basic``; required only if both credentials are set
VONAGE_SIGNATURE_SECRETS   secrets that sign webhooks, separated by commas
VONAGE_SIGNATURE_SECRET    a single secret that signs webhooks
VONAGE_SMS_SENDER          sender number for SMS
VONAGE_MMS_SENDER          sender number for MMS
VONAGE_WHATSAPP_SENDER     WhatsApp number
VONAGE_VIBER_SENDER        Viber Service Message id
VONAGE_MESSENGER_SENDER    id of the Facebook page
VONAGE_REGION              country of phone numbers that begin with 0, such as ``GB``
VONAGE_BASE_URL            URL of a simulator, instead of https://api.nexmo.com
=========================  =========================================================================

If there are no credentials, messages go to the console, and missing senders get example values.
"""

from typing import Any, Final

import environ

CONSOLE: Final = "django_vonage_messages.backends.console.ConsoleBackend"
API: Final = "django_vonage_messages.backends.api.ApiBackend"
SENDER: Final = "447700900001"
"""A number from the range that Ofcom reserves for fiction."""
CONSOLE_SENDERS: Final = {
    "sms": SENDER,
    "mms": SENDER,
    "whatsapp": SENDER,
    "viber": "22353",
    "messenger": "107083064136738",
}
"""Example senders, so that every channel works on the console without settings."""

_CREDENTIALS: Final = ("API_KEY", "API_SECRET", "APPLICATION_ID", "PRIVATE_KEY")


def account_from(env: environ.Env) -> dict[str, Any]:
    """Return the account. It uses the API if a credential is set, otherwise the console."""
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
