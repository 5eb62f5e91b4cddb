from typing import Any

from django.apps import AppConfig


class AnsweringConfig(AppConfig):
    name = "tests.races.answering"

    def ready(self) -> None:
        from django_vonage_messages.signals import message_received

        message_received.connect(answer)


def answer(message: Any, **_kwargs: Any) -> None:
    from django_vonage_messages import send_message

    send_message(message.their_address, "Thank you")
