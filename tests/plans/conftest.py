from collections.abc import Callable
from typing import Any

import pytest

from django_vonage_messages.models import Message


@pytest.fixture
def post_status(post_webhook, status_body) -> Callable[..., Any]:
    def post(message: Message, status: str, result: str, **extra: Any) -> None:
        response = post_webhook("message-status", status_body(message, status, **extra))
        assert response.json() == {"result": result}

    return post
