"""The views of a conversation: its page, and the URLs that its reply box and buttons post to."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.conversations.reply import (
    ReplyForm,
    blank_reply,
    kept_reply,
    send_reply,
)
from django_vonage_messages.admin.conversations.reply_rules import (
    text_limit,
    why_never,
    why_unanswerable,
    window_note,
)
from django_vonage_messages.admin.conversations.thread import Thread, load_thread
from django_vonage_messages.admin.customers import show_customer
from django_vonage_messages.admin.links import admin_url
from django_vonage_messages.admin.messages.buttons import NAMES, perform
from django_vonage_messages.admin.non_atomic import outside_transactions
from django_vonage_messages.admin.permissions import may_reply, may_see_full_addresses
from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.services.history.conversations import mark_read

_FILTERS = "_changelist_filters"
_BEFORE = "before"
_SAID_AT = "said"


class ThreadPage(FactAdmin[Conversation]):
    """Opens a conversation as a thread in place of Django's form, with a reply box under it."""

    def get_urls(self) -> list[URLPattern]:
        reply = path(
            "<path:object_id>/reply/",
            self.admin_site.admin_view(outside_transactions(self.reply_view)),
            name="vonage_messages_conversation_reply",
        )
        move = path(
            "<path:object_id>/message/<int:message_id>/<slug:move>/",
            self.admin_site.admin_view(outside_transactions(self.move_view)),
            name="vonage_messages_conversation_move",
        )
        return [reply, move, *super().get_urls()]

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
        if why := why_never(conversation):
            self.message_user(request, why, messages.ERROR)
            return self._to_thread(request, conversation)
        form = ReplyForm(request.POST, limit=text_limit(conversation))
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

    def move_view(
        self, request: HttpRequest, object_id: str, message_id: int, move: str
    ) -> HttpResponse:
        """Do what a message's button says, and come back to that message, or to the one that was
        sent for it, with what became of it.
        """
        conversation = self._find(request, object_id)
        if not may_reply(request):
            raise PermissionDenied
        message = get_object_or_404(conversation.messages, pk=message_id)
        if move not in NAMES:
            raise Http404
        if request.method != "POST":
            return self._to_message(request, conversation, message, message)
        full = may_see_full_addresses(request)
        moved = perform(move, message, user=request.user, full=full)
        if moved.note:
            logged: Any = message
            self.log_change(request, logged, moved.note)
        self.message_user(request, str(moved.answer), moved.answer.level)
        return self._to_message(request, conversation, message, moved.message)

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
        box = kept_reply(text, text_limit(conversation))
        context = {"vonage_reply": box, "vonage_error": error, "errors": True}
        return self._render(request, conversation, context)

    def _to_thread(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        return HttpResponseRedirect(self._url(request, conversation, "change") + "#vonage-reply")

    def _to_message(
        self, request: HttpRequest, conversation: Conversation, asked: Message, shown: Message
    ) -> HttpResponse:
        """Redirect to a message of the thread. A new one is on the newest page; the one that was
        asked about is on the page that was looked at.
        """
        url = self._url(request, conversation, "change", keeps_page=shown == asked)
        mark = "&" if "?" in url else "?"
        return HttpResponseRedirect(f"{url}{mark}{_SAID_AT}={shown.pk}#message-{shown.pk}")

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
        thread = load_thread(
            conversation,
            self.admin_site,
            request,
            move_url=partial(self._move_url, request, conversation),
            before=before,
            unread=unread,
        )
        return {
            "vonage_thread": thread,
            "vonage_said_at": _said_at(request, thread),
            "vonage_is_newest": before is None,
            "vonage_customer": show_customer(conversation, full=full),
            "vonage_may_reply": may_reply(request),
            "vonage_blocked": why_unanswerable(conversation),
            "vonage_channel": CHANNELS[conversation.channel],
            "vonage_window": window_note(conversation),
            "vonage_reply": blank_reply(text_limit(conversation)),
            "vonage_reply_url": self._url(request, conversation, "reply"),
            "vonage_thread_url": self._url(request, conversation, "change"),
            "vonage_inbox_url": f"{inbox}?{filters}" if filters else inbox,
        }

    def _move_url(
        self, request: HttpRequest, conversation: Conversation, message: Message, move: str
    ) -> str:
        return self._url(request, conversation, "move", message.pk, move, keeps_page=True)

    def _url(
        self,
        request: HttpRequest,
        conversation: Conversation,
        page: str,
        *more: Any,
        keeps_page: bool = False,
    ) -> str:
        """Return a URL of the conversation that remembers how the list was filtered."""
        url = admin_url(self.admin_site, Conversation, page, conversation.pk, *more)
        query = request.GET.copy()
        for name in set(query) - {_FILTERS, *([_BEFORE] if keeps_page else [])}:
            del query[name]
        return f"{url}?{query.urlencode()}" if query else url


def _page(request: HttpRequest) -> int | None:
    try:
        return int(request.GET[_BEFORE])
    except (KeyError, ValueError):
        return None


def _said_at(request: HttpRequest, thread: Thread) -> int | None:
    """The message beside which the page says what became of a move, if it is on the page."""
    asked = request.GET.get(_SAID_AT)
    shown = (entry.message.pk for entry in thread.entries)
    return next((pk for pk in shown if str(pk) == asked), None)
