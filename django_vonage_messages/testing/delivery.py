"""Signing a webhook and handing it to the site, as Vonage's HTTP client would."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.http import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.urls import NoReverseMatch, resolve, reverse

from django_vonage_messages.conf import Account, configured_accounts, get_account
from django_vonage_messages.protocol.signatures import sign

_URLS: Final = "django_vonage_messages.urls"


def deliver_signed(name: str, body: dict[str, Any], alias: str) -> None:
    """POST a body to the webhook of that URL name. Raises AssertionError unless it is applied."""
    raw = json.dumps(body).encode()
    with _with_secret(alias) as account:
        token = sign(
            raw,
            account.signature_secrets[0],
            api_key=account.api_key or "a-test",
            application_id=account.application_id or None,
        )
        response: Any = _post(name, raw, {"Authorization": f"Bearer {token}"})
    answer = response.content.decode(errors="replace")[:300]
    if response.status_code != 200:
        raise AssertionError(
            f"The {name} webhook was answered {response.status_code}, not 200: "
            f"{response.headers.get('Location', answer)}"
        )
    if json.loads(response.content)["result"] == "stored":
        raise AssertionError(
            f"The {name} webhook was taken but not applied: the account {alias!r} has no outbound "
            "message that it could mean. UnprocessedWebhook has it, and says why."
        )


@contextmanager
def _with_secret(alias: str) -> Iterator[Account]:
    """Yield the account; one without a signature secret is lent one."""
    if get_account(alias).signature_secrets:
        yield get_account(alias)
        return
    accounts = configured_accounts()
    lent = {**accounts[alias], "SIGNATURE_SECRETS": [secrets.token_urlsafe(32)]}
    with override_settings(VONAGE_MESSAGES={**accounts, alias: lent}):
        yield get_account(alias)


def _post(name: str, raw: bytes, headers: dict[str, str]) -> HttpResponseBase:
    """POST over HTTPS, so that a site which insists on it does not redirect."""
    request: dict[str, Any] = {
        "data": raw,
        "content_type": "application/json",
        "headers": headers,
        "secure": True,
    }
    try:
        url = reverse(f"vonage_messages:{name}")
    except NoReverseMatch:
        path = reverse(name, urlconf=_URLS)
        view = resolve(path, urlconf=_URLS).func
        return view(RequestFactory().post(path, **request)).render()  # type: ignore[no-any-return]
    return Client().post(url, **request)
