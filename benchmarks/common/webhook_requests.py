"""Signed webhook requests, as Vonage sends them, and requests to the minimal views.

The webhooks are those of v1. The token is made from Vonage's description of signed webhooks,
without this package.
"""

import hashlib
import itertools
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings
from django.urls import reverse

from benchmarks.common import runtime  # noqa: F401  # sets up Django, before the models
from django_vonage_messages import send_message
from django_vonage_messages.models import Message
from django_vonage_messages.testing import outbox

OUR_ADDRESS = "447700900001"
_seconds = itertools.count()


@dataclass(frozen=True)
class WebhookRequest:
    """A POST that can be sent through WSGI or over HTTP."""

    path: str
    body: bytes
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}


def status_request(message: Message, status: str) -> WebhookRequest:
    body = {
        "channel": message.channel,
        "message_uuid": message.message_uuid,
        "to": message.their_address,
        "from": message.our_address,
        "timestamp": _timestamp(),
        "status": status,
        "usage": {"currency": "EUR", "price": "0.0333"},
        "client_ref": message.client_ref,
    }
    return _signed("vonage_messages:message-status", body)


def new_status_requests(count: int) -> list[WebhookRequest]:
    """Send messages. Return the webhooks ``submitted`` of all messages, then ``delivered``."""
    numbers = range((count + 1) // 2)
    messages = [send_message(f"4477009{number:05}", "It is on its way.") for number in numbers]
    outbox.clear()
    steps = ("submitted", "delivered")
    return [status_request(message, step) for step in steps for message in messages][:count]


def unknown_status_request() -> WebhookRequest:
    """Return a status webhook of a message that the site has not sent."""
    unknown_message = Message(
        channel="sms",
        their_address="447700900000",
        our_address=OUR_ADDRESS,
        message_uuid=str(uuid.uuid4()),
        client_ref=uuid.uuid4().hex,
    )
    return status_request(unknown_message, "delivered")


def inbound_request(customer: str) -> WebhookRequest:
    """Return the webhook of a new SMS from a customer's number."""
    body = {
        "channel": "sms",
        "message_uuid": str(uuid.uuid4()),
        "to": OUR_ADDRESS,
        "from": customer,
        "timestamp": _timestamp(),
        "message_type": "text",
        "text": "Where is my order?",
        "sms": {"num_messages": "1"},
        "usage": {"currency": "EUR", "price": "0.0333"},
    }
    return _signed("vonage_messages:inbound-message", body)


def bare_request(name: str = "bare") -> WebhookRequest:
    """Return a request to a minimal view, with a body about as long as a webhook's."""
    body = {"text": "Where is my order?", "padding": "x" * 200}
    return _signed(name, body)


def _signed(url_name: str, body: dict[str, Any]) -> WebhookRequest:
    raw = json.dumps(body).encode()
    claims = {
        "iat": int(time.time()),
        "jti": str(uuid.uuid4()),
        "iss": "Vonage",
        "api_key": settings.VONAGE_MESSAGES["default"]["API_KEY"],
        "payload_hash": hashlib.sha256(raw).hexdigest(),
    }
    token = jwt.encode(claims, settings.SIGNATURE_SECRET, algorithm="HS256")
    return WebhookRequest(reverse(url_name), raw, token)


def _timestamp() -> str:
    """Return the last time plus one second, so that all webhooks differ."""
    moment = time.gmtime(1_767_225_600 + next(_seconds))
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", moment)
