"""Comparison of ``Message.related_id`` with primary keys of the site's models."""

from copy import copy
from typing import Any, Final

from django.db import models
from django.db.models.expressions import Expression
from django.db.models.functions import Cast, Concat, Substr
from django.db.models.lookups import Exact

RELATED_ID_LENGTH: Final = 191


def related_id_of(obj: models.Model) -> str:
    """Return the ``related_id`` of messages about a saved object."""
    # A new object keeps the value that was assigned: "7" or a UUID without hyphens.
    key: Any = obj._meta.pk
    return str(key.to_python(obj.pk))


class EqualsPrimaryKey(Exact):
    """Comparison of the text ``related_id`` with a primary key of any type.

    Databases do not compare text with a number, or only without an index.
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if not isinstance(self.rhs, Expression):
            return super().as_sql(compiler, connection)
        lookup = copy(self)
        lookup.rhs = _as_text(self.rhs, connection)
        return super(EqualsPrimaryKey, lookup).as_sql(compiler, connection)


def _as_text(key: Expression, connection: Any) -> Expression:
    """Return an SQL expression for ``str(obj.pk)``."""
    field: Any = key.output_field
    if isinstance(field, models.CharField | models.TextField):
        return key
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return _with_hyphens(key)
    return Cast(key, models.CharField(max_length=RELATED_ID_LENGTH))


def _with_hyphens(key: Expression) -> Expression:
    parts: list[Expression] = []
    for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12)):
        parts += [Substr(key, start, length), models.Value("-")]
    return Concat(*parts[:-1])
