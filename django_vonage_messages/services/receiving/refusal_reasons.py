"""Texts about refused webhooks, for the log and the admin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class RefusalReason:
    """Label and advice for one reason."""

    # The admin translates both texts. The log is in English.
    label: str
    advice: str


REFUSAL_REASONS: Final[Mapping[str, RefusalReason]] = {
    "not_vonage": RefusalReason(
        _("Not signed for this site"),
        _(
            "No action needed. If you expected this webhook, compare API_KEY and APPLICATION_ID "
            "with the Vonage dashboard."
        ),
    ),
    "missing_token": RefusalReason(
        _("No signature"),
        _(
            "Turn on signed webhooks in the Vonage dashboard. On Apache, also set "
            "WSGIPassAuthorization On. Requests that are not from Vonage need no action."
        ),
    ),
    "wrong_header": RefusalReason(
        _("The Authorization header was changed"),
        _(
            "Check whether a proxy between Vonage and this site replaces, repeats or shortens the "
            "Authorization header. Requests that are not from Vonage need no action."
        ),
    ),
    # Source: developer.vonage.com/en/dashboard/control/api-settings, read on 2026-11-28.
    "sms_api": RefusalReason(
        _("Format of the SMS API"),
        _(
            "In the Vonage dashboard, under API Settings, choose “Messages API” instead of "
            "“SMS API” for SMS."
        ),
    ),
    "wrong_secret": RefusalReason(
        _("Signed with another secret"),
        _("Compare SIGNATURE_SECRETS with the signature secret in the Vonage dashboard."),
    ),
    "wrong_algorithm": RefusalReason(
        _("Signed with another algorithm"),
        _(
            "Vonage signs with HS256. Check whether a proxy between Vonage and this site replaces "
            "the token. Requests that are not from Vonage need no action."
        ),
    ),
    "wrong_body": RefusalReason(
        _("The signature does not match the body"),
        _("Check whether a proxy between Vonage and this site changes the body of requests."),
    ),
    "stale_token": RefusalReason(
        _("The signature is too old"),
        _("Check the clock of this server, or increase WEBHOOK_MAX_AGE."),
    ),
    "no_secret": RefusalReason(
        _("This site has no signature secret"),
        _("Set SIGNATURE_SECRETS of the account to the secret in the Vonage dashboard."),
    ),
    "no_length": RefusalReason(
        _("Chunked request"),
        _(
            "This web server cannot decode chunked requests. Use gunicorn or an ASGI server "
            "instead of “runserver”, or let the proxy buffer requests."
        ),
    ),
    "body_too_large": RefusalReason(
        _("Larger than any webhook from Vonage"),
        _("No action needed. The request was not stored."),
    ),
    "not_applied": RefusalReason(
        _("This site failed to store the webhook"),
        _("Check the log of this site and the unprocessed webhooks in the admin."),
    ),
    "misconfigured": RefusalReason(
        _("VONAGE_MESSAGES is invalid"),
        _("Run “manage.py check”."),
    ),
}
