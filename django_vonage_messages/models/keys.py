"""SHA-256 keys for unique columns. A collation can ignore case in texts, but not in keys."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Protocol

from django.db import models


class HasAddresses(Protocol):
    """A message or a conversation."""

    @property
    def account(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def our_address(self) -> str: ...
    @property
    def their_address(self) -> str: ...


class KeyField(models.CharField):  # type: ignore[type-arg]  # not generic at run time
    """Column that each save fills with the result of ``key(instance)``."""

    def __init__(self, key: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        kwargs |= {"max_length": 64, "editable": False}
        super().__init__(**kwargs)
        self.key = key

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Return the definition of a CharField, because migrations do not need ``key``."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        if self.key is not None:
            setattr(model_instance, self.attname, self.key(model_instance))
        return str(getattr(model_instance, self.attname))


def key_of(*parts: str | None) -> str:
    """Return the SHA-256 of a sequence of texts, as 64 hex digits."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def conversation_key(row: HasAddresses) -> str:
    """Return the key of a conversation. ``row`` is the conversation or one of its messages."""
    return key_of(row.account, row.channel, row.our_address, row.their_address)
