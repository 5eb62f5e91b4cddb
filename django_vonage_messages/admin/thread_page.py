"""The two views of a conversation: its page, and the URL that its reply box posts to."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from django_vonage_messages.admin.addresses import show_address
from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.links import admin_url
from django_vonage_messages.admin.permissions import may_reply, may_see_full_addresses
from django_vonage_messages.admin.reply import ReplyForm, blank_reply, kept_reply, send_reply
from django_vonage_messages.admin.thread import load_thread, why_unanswerable
from django_vonage_messages.models import Conversation
from django_vonage_messages.services.threads import mark_read

_FILTERS = "_changelist_filters"


class ThreadPage(FactAdmin[Conversation]):
    """Opens a conversation as a thread in place of Django's form, with a reply box under it."""

    def get_urls(self) -> list[URLPattern]:
        reply = path(
            "<path:object_id>/reply/",
            self.admin_site.admin_view(_outside_transactions(self.reply_view)),
            name="vonage_messages_conversation_reply",
        )
        return [reply, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        conversation = self._find(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        before = _page(request)
        unread = conversation.unread_count if before is None else 0
        if unread and request.method == "GET" and may_reply(request):
            # Before the messages are loaded: one that comes in meanwhile is shown, and unread.
            mark_read(conversation)
        context = {"vonage_unread": unread, **(extra_context or {})}
        return self._render(request, conversation, context, before=before)

    def reply_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send what the reply box posts, and come back to the thread with what became of it.

        What was certainly not sent comes back in the box, with a token of its own.
        """
        conversation = self._find(request, object_id)
        if not may_reply(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._to_thread(request, conversation)
        if not conversation.can_be_answered:
            self.message_user(request, why_unanswerable(conversation), messages.ERROR)
            return self._to_thread(request, conversation)
        form = ReplyForm(request.POST)
        if not form.is_valid():
            error = " ".join(str(text) for texts in form.errors.values() for text in texts)
            return self._not_sent(request, conversation, request.POST.get("text", ""), error)
        answer = send_reply(
            conversation,
            form.cleaned_data["text"],
            form.cleaned_data["token"],
            user=request.user,
            full=may_see_full_addresses(request),
        )
        if answer.keep_text:
            text = form.cleaned_data["text"]
            return self._not_sent(request, conversation, text, str(answer))
        self.message_user(request, str(answer), answer.level)
        return self._to_thread(request, conversation)

    def _find(self, request: HttpRequest, object_id: str) -> Conversation:
        """Return a conversation of the list's own queryset that this user may see."""
        conversation = self.get_object(request, object_id)
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        if conversation is None:
            raise Http404
        return conversation

    def _not_sent(
        self, request: HttpRequest, conversation: Conversation, text: str, error: str
    ) -> HttpResponse:
        context = {"vonage_reply": kept_reply(text), "vonage_error": error, "errors": True}
        return self._render(request, conversation, context)

    def _to_thread(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        return HttpResponseRedirect(self._url(request, conversation, "change") + "#vonage-reply")

    def _render(
        self,
        request: HttpRequest,
        conversation: Conversation,
        extra: dict[str, Any],
        *,
        before: int | None = None,
    ) -> HttpResponse:
        opts = self.opts
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": str(conversation),
            "opts": opts,
            "app_label": opts.app_label,
            "original": conversation,
            "object_id": conversation.pk,
            "change": True,
            "is_popup": False,
            "has_view_permission": True,
            "media": self.media,
            **self._thread(request, conversation, before, extra.get("vonage_unread", 0)),
            **extra,
        }
        names = [
            f"admin/{opts.app_label}/{opts.model_name}/change_form.html",
            f"admin/{opts.app_label}/change_form.html",
        ]
        return TemplateResponse(request, self.change_form_template or names, context)

    def _thread(
        self, request: HttpRequest, conversation: Conversation, before: int | None, unread: int
    ) -> dict[str, Any]:
        full = may_see_full_addresses(request)
        filters = request.GET.get(_FILTERS, "")
        inbox = admin_url(self.admin_site, Conversation, "changelist")
        return {
            "vonage_thread": load_thread(
                conversation, self.admin_site, request, before=before, unread=unread
            ),
            "vonage_is_newest": before is None,
            "vonage_customer": show_address(conversation.their_address, full=full),
            "vonage_may_reply": may_reply(request),
            "vonage_blocked": why_unanswerable(conversation),
            "vonage_reply": blank_reply(),
            "vonage_reply_url": self._url(request, conversation, "reply"),
            "vonage_thread_url": self._url(request, conversation, "change"),
            "vonage_inbox_url": f"{inbox}?{filters}" if filters else inbox,
        }

    def _url(self, request: HttpRequest, conversation: Conversation, page: str) -> str:
        """Return a URL of the conversation that remembers how the list was filtered."""
        url = admin_url(self.admin_site, Conversation, page, conversation.pk)
        filters = request.GET.copy()
        for name in set(filters) - {_FILTERS}:
            del filters[name]
        return f"{url}?{filters.urlencode()}" if filters else url


def _page(request: HttpRequest) -> int | None:
    try:
        return int(request.GET["before"])
    except (KeyError, ValueError):
        return None


def _outside_transactions(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep ATOMIC_REQUESTS away, so that the reply is sent, and its failure known, before the
    answer is written.
    """

    def outside(request: HttpRequest, object_id: str) -> HttpResponse:
        return view(request, object_id)

    for alias in connections:
        outside = transaction.non_atomic_requests(using=alias)(outside)
    return outside
