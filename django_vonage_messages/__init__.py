"""The Vonage Messages API for Django.

``send_message`` is imported on first use, so that importing this package needs no configured
settings (PEP 562).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_vonage_messages.services.send import send_message

__version__ = "0.1.0"

__all__ = ["__version__", "send_message"]


def __getattr__(name: str) -> Any:
    if name == "send_message":
        from django_vonage_messages.services.send import send_message

        return send_message
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
