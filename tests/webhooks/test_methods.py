"""URLs and HTTP methods of the webhooks."""

import pytest

from tests.webhooks.reference_bodies import INBOUND
from tests.webhooks.tokens import bearer

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["message-status", "message-status/", "inbound-message", "inbound-message/"])
def path(request):
    return request.param


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, {"Accept": "application/xml"}, {"Accept": "nonsense"}])
def test_get_and_head_return_200(client, stored, path, method, headers):
    response = client.generic(method, f"/webhooks/{path}", headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"])
def test_other_methods_are_not_allowed(client, stored, path, method):
    response = client.generic(
        method, f"/webhooks/{path}", INBOUND, "application/json", headers=bearer(INBOUND)
    )
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("append_slash", [True, False])
def test_post_is_applied_without_a_redirect(client, stored, settings, path, append_slash):
    settings.APPEND_SLASH = append_slash
    response = client.post(
        f"/webhooks/{path}", INBOUND, content_type="application/json", headers=bearer(INBOUND)
    )
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert stored() == (0, 1, 0)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-16",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "nonsense",
        "",
    ],
)
def test_the_content_type_does_not_matter(client, stored, content_type):
    response = client.generic(
        "POST", "/webhooks/inbound-message", INBOUND, content_type, headers=bearer(INBOUND)
    )
    assert response.status_code == 200
    assert stored() == (0, 1, 0)
