"""SHA-256 hashes for unique columns."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Protocol

from django.db import models


class HasAddresses(Protocol):
    """An object with the addresses of a conversation: a Message or a Conversation."""

    @property
    def account(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def our_address(self) -> str: ...
    @property
    def their_address(self) -> str: ...


class HasSender(Protocol):
    """An object with an account and one of our addresses."""

    @property
    def account(self) -> str: ...
    @property
    def our_address(self) -> str: ...


class KeyField(models.CharField):  # type: ignore[type-arg]  # not generic at run time
    """Column that stores the result of ``key(row)``."""

    def __init__(self, key: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        kwargs |= {"max_length": 64, "editable": False}
        super().__init__(**kwargs)
        self.key = key

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        # Migrations do not need ``key``, so they contain a CharField.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        if self.key is not None:
            setattr(model_instance, self.attname, self.key(model_instance))
        return str(getattr(model_instance, self.attname))


def key_of(*parts: str | None) -> str:
    """Return the SHA-256 hash of a sequence of texts, as 64 hex digits."""
    # In some databases, texts that differ only in case are equal. Their hashes are different.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def conversation_key(row: HasAddresses) -> str:
    """Return the hash that identifies a conversation."""
    return key_of(row.account, row.channel, row.our_address, row.their_address)


def sender_key(row: HasSender) -> str:
    """Return the hash that identifies a sender of an account."""
    return key_of("sender", row.account, row.our_address)
