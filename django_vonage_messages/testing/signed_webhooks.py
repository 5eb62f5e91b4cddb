"""Signed webhooks to the site, without a network."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.http import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.urls import NoReverseMatch, resolve, reverse

from django_vonage_messages.conf import (
    Account,
    MissingSecret,
    configured_accounts,
    get_account,
)
from django_vonage_messages.protocol.signatures import sign

_URLS: Final = "django_vonage_messages.urls"


def deliver_signed(name: str, body: dict[str, Any], alias: str) -> None:
    """POST the webhook ``body`` with a signature of the account ``alias``.

    Raises AssertionError if the response is not 200, or if the webhook is not applied.
    """
    raw = json.dumps(body).encode()
    with _with_secret(alias) as account:
        token = sign(
            raw,
            account.signature_secrets[0],
            api_key=account.api_key or "a-test",
            application_id=account.application_id or None,
        )
        response: Any = _post(name, raw, {"Authorization": f"Bearer {token}"})
    response_text = response.content.decode(errors="replace")[:300]
    if response.status_code != 200:
        raise AssertionError(
            f"The {name} webhook was answered {response.status_code}, not 200: "
            f"{response.headers.get('Location', response_text)}"
        )
    if json.loads(response.content)["result"] == "stored":
        raise AssertionError(
            f"The {name} webhook was stored but not applied: no outbound message of the account "
            f"{alias!r} matches it. Its UnprocessedWebhook row has the reason."
        )


@contextmanager
def _with_secret(alias: str) -> Iterator[Account]:
    if _has_secret(get_account(alias)):
        yield get_account(alias)
        return
    accounts = configured_accounts()  # without a secret: sign with a temporary secret
    config = {**accounts[alias], "SIGNATURE_SECRETS": [secrets.token_urlsafe(32)]}
    with override_settings(VONAGE_MESSAGES={**accounts, alias: config}):
        yield get_account(alias)


def _has_secret(account: Account) -> bool:
    try:
        return bool(account.signature_secrets)
    except MissingSecret:
        return False


def _post(name: str, raw: bytes, headers: dict[str, str]) -> HttpResponseBase:
    request: dict[str, Any] = {
        "data": raw,
        "content_type": "application/json",
        "headers": headers,
        "secure": True,  # SECURE_SSL_REDIRECT redirects HTTP
    }
    try:
        url = reverse(f"vonage_messages:{name}")
    except NoReverseMatch:  # no webhook URLs in the site's URLconf: call without middleware
        path = reverse(name, urlconf=_URLS)
        view = resolve(path, urlconf=_URLS).func
        return view(RequestFactory().post(path, **request)).render()  # type: ignore[no-any-return]  # resolve() returns Any
    return Client().post(url, **request)
