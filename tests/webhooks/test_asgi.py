"""Webhooks under ASGI: bodies in pieces, without a declared length."""

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler

from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.webhooks.reference_bodies import INBOUND
from tests.webhooks.tokens import bearer

pytestmark = pytest.mark.django_db(transaction=True)


def _post(*pieces: bytes) -> int:
    """POST a body in pieces, signed as a whole, and return the status code."""
    headers = {"Host": "testserver", "Content-Type": "application/json"}
    headers |= {"Transfer-Encoding": "chunked"} | bearer(b"".join(pieces))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhooks/inbound-message",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }

    async def talk() -> int:
        server = ApplicationCommunicator(ASGIHandler(), scope)
        for piece in pieces:
            await server.send_input({"type": "http.request", "body": piece, "more_body": True})
        await server.send_input({"type": "http.request", "body": b""})
        start = await server.receive_output(10)
        await server.receive_output(10)
        await server.wait(10)
        status: int = start["status"]
        return status

    return async_to_sync(talk)()


def test_pieces_are_joined_to_one_body(stored):
    assert _post(INBOUND[:7], INBOUND[7:100], INBOUND[100:]) == 200
    assert stored() == (0, 1, 0)


def test_body_over_the_limit_is_refused_without_a_declared_length(stored):
    half = b" " * (BODY_LIMIT // 2)
    assert _post(half, half, b" ") == 413
    assert stored() == (0, 0, 0)
    assert _post(half, half) == 200
    assert stored() == (1, 0, 0)
