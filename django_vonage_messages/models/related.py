"""``RelatedMessages``: the messages about an object, as an attribute of the object."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, overload

from django.contrib.contenttypes.fields import (
    GenericRelation,
    ReverseGenericManyToOneDescriptor,
)
from django.db import models, router

from django_vonage_messages.models.message import Message, MessageManager
from django_vonage_messages.models.related_id import EqualsPrimaryKey


class RelatedMessages(GenericRelation):
    """Relation from a model of the site to the messages about each object.

    Write ``messages = RelatedMessages()`` in the model. ``appointment.messages`` is then a manager,
    as ``Message.objects`` is. The relation adds no column and needs no migration.

    Deleting the object keeps its messages. ``remove()`` and ``clear()`` of the manager also keep
    the messages, and only end the relation.
    """

    def __init__(self) -> None:
        super().__init__(Message, "related_id", "related_type")

    @property
    def bulk_related_objects(self) -> Any:
        # Django deletes the objects that this method returns, and looks for it with hasattr().
        raise AttributeError("Deleting an object keeps the messages about it.")

    def contribute_to_class(self, cls: Any, name: str, **kwargs: Any) -> None:  # type: ignore[override]  # as GenericRelation does
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, self.name, _Descriptor(self.remote_field))  # type: ignore[arg-type]  # as GenericRelation does

    def get_joining_fields(self, reverse_join: bool = False) -> tuple[()]:
        # get_extra_restriction() compares them. Django's own comparison fails on PostgreSQL if one
        # ``related_id`` in the table is not a number.
        return ()

    def get_extra_restriction(self, alias: str | None, remote_alias: str) -> Any:
        restriction = super().get_extra_restriction(alias, remote_alias)
        if alias is not None:  # None: Django adds the comparison, in exclude()
            text, key = self.related_fields[0]
            equal = EqualsPrimaryKey(text.get_col(remote_alias), key.get_col(alias))
            restriction.add(equal, "AND")
        return restriction

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # the attribute of an object is a manager
        def __get__(self, instance: None, owner: Any) -> Self: ...
        @overload
        def __get__(self, instance: models.Model, owner: Any) -> "RelatedMessageManager": ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...


class _Descriptor(ReverseGenericManyToOneDescriptor):
    @cached_property
    def related_manager_cls(self) -> type[Any]:
        django_manager = super().related_manager_cls

        class KeepingManager(django_manager):  # type: ignore[misc,valid-type]
            def _clear(self, queryset: Any, bulk: bool) -> None:
                # Django deletes the rows here.
                self._remove_prefetched_objects()
                using = router.db_for_write(self.model, instance=self.instance)
                queryset.using(using).update(related_type=None, related_id="")

        return KeepingManager


if TYPE_CHECKING:

    class RelatedMessageManager(MessageManager[Message]):
        """Manager of the messages about one object."""

        def remove(self, *objs: Message, bulk: bool = ...) -> None: ...
        def clear(self, *, bulk: bool = ...) -> None: ...
