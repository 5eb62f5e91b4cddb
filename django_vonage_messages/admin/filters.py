"""Filters of the admin lists."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.admin.status_text import held_text
from django_vonage_messages.conf import get_accounts
from django_vonage_messages.models import HeldReason
from django_vonage_messages.services.operations.hold import filter_held

Choices = list[tuple[str, Any]]


class InboxFilter(admin.SimpleListFilter):
    """Filter that, by default, hides conversations that have only automatic messages."""

    title = _("conversations")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("inbox", _("Inbox")), ("all", _("All conversations"))]

    def value(self) -> str:
        # A search looks in all conversations.
        return super().value() or ("all" if self.request.GET.get(SEARCH_VAR) else "inbox")

    def choices(self, changelist: Any) -> Iterator[Any]:
        choices = super().choices(changelist)
        next(choices)  # Skip "All", which Django adds as the default.
        return choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(in_inbox=True)


class AttentionFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("unread", _("Unread")), ("waiting", _("Customer waits for a reply"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "unread":
            return queryset.filter(unread_count__gt=0)
        if self.value() == "waiting":
            return queryset.filter(waiting_since__isnull=False)
        return queryset


class HeldFilter(admin.SimpleListFilter):
    title = _("hold")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        reasons = [(reason.value, held_text(reason)) for reason in HeldReason]
        return [("any", _("All held messages")), *reasons]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "any":
            return filter_held(queryset)
        if self.value():
            return filter_held(queryset).filter(held_reason=self.value())
        return queryset


class AccountFilter(admin.SimpleListFilter):
    """Filter by account, if the settings have more than one account."""

    title = _("account")
    parameter_name = "in_account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        try:
            aliases = [account.alias for account in get_accounts()]
        except ImproperlyConfigured:
            aliases = []
        return [(alias, alias) for alias in aliases] if len(aliases) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(account=self.value()) if self.value() else queryset


class _OpenOrClosedFilter(admin.SimpleListFilter):
    """Filter for open rows (``column`` is NULL) or closed rows."""

    column: ClassVar[str]  # name of a column that is NULL in open rows
    title = _("state")
    parameter_name = "state"
    names: ClassVar[tuple[Any, Any]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(zip(("open", "closed"), self.names, strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"open", "closed"}:
            return queryset.filter(**{f"{self.column}__isnull": self.value() == "open"})
        return queryset


class InForceFilter(_OpenOrClosedFilter):
    column = "lifted_at"
    names = (_("In force"), _("Lifted"))


class DoneFilter(_OpenOrClosedFilter):
    column = "done_at"
    names = (_("Not done"), _("Done"))


class ProcessedFilter(_OpenOrClosedFilter):
    column = "processed_at"
    names = (_("Not applied"), _("Processed"))
