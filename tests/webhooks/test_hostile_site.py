"""Settings of a site that must not affect the webhooks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.test import Client

from django_vonage_messages.webhooks import views
from tests.webhooks import hostile_settings
from tests.webhooks.reference_bodies import INBOUND

pytestmark = pytest.mark.django_db
HOSTILE = "tests.webhooks.hostile_site"


@pytest.fixture
def post_webhooks(post_webhook, stored):
    """Post a signed, an unsigned and a foreign webhook, ``times`` times."""

    def post(times=1, **kwargs):
        for number in range(times):
            body = INBOUND.replace(b"0123456789ab", f"{number:012}".encode())
            response = post_webhook("inbound-message", body, **kwargs)
            assert (response.status_code, response.json()) == (200, {"result": "applied"})
            assert response["Content-Type"] == "application/json"
            assert post_webhook("message-status", body, secret=None).status_code == 503
            response = post_webhook("message-status", body, secret="x", api_key="x")
            assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
        assert stored() == (0, times, 0)

    return post


@pytest.mark.parametrize(
    "middleware",
    ["ReadBody", "ReadPost", "SeeUser"],
)
def test_middleware_may_read_the_request(settings, post_webhooks, middleware):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{HOSTILE}.{middleware}"]
    post_webhooks()


def test_login_required_middleware_does_not_apply(settings, post_webhooks):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    post_webhooks()


@pytest.mark.parametrize("size", [0, 1, 100])
def test_upload_limits_of_the_site_do_not_apply(settings, post_webhooks, size):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = size
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    post_webhooks()


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "image/*;q=0", "", "nonsense"])
def test_accept_header_does_not_matter(post_webhooks, accept):
    post_webhooks(headers={"Accept": accept})


@pytest.mark.parametrize("client", [Client(enforce_csrf_checks=True)])
def test_csrf_checks_do_not_apply(client, post_webhooks):
    post_webhooks()


def test_rest_framework_settings_of_the_site_do_not_apply(settings, post_webhooks):
    """Settings that can be changed in a running process."""
    settings.REST_FRAMEWORK = hostile_settings.REST_FRAMEWORK
    post_webhooks(times=3)


@pytest.mark.parametrize("method", ["put", "delete", "options"])
def test_exception_handler_of_the_site_is_not_called(settings, client, method):
    settings.REST_FRAMEWORK = hostile_settings.REST_FRAMEWORK
    assert getattr(client, method)("/webhooks/message-status").status_code == 405


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_atomic_requests_do_not_apply(settings, monkeypatch, post_webhooks):
    for alias in connections:
        monkeypatch.setitem(connections.settings[alias], "ATOMIC_REQUESTS", True)
    inside = []
    real = views.receive

    def receive(delivery):
        inside.extend(transaction.get_connection(alias).in_atomic_block for alias in connections)
        return real(delivery)

    monkeypatch.setattr(views, "receive", receive)
    post_webhooks()
    assert inside == [False, False]


@pytest.mark.slow
def test_hostile_settings_from_the_start_do_not_apply():
    """REST framework reads its settings at import, so this test needs its own process."""
    root = Path(__file__).resolve().parents[2]
    here = "tests/webhooks"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q"),
            f"--ds={hostile_settings.__name__}",
            *("-k", "not content_type"),  # the site's middleware rejects bodies that are no forms
            *(f"{here}/{name}.py" for name in ("test_reference", "test_methods", "test_commit")),
        ],
        cwd=root,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
