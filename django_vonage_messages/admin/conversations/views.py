"""Views of a conversation: the thread, the reply and the actions of its messages."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from django_vonage_messages.admin.addresses import show_customer
from django_vonage_messages.admin.base import ReadOnlyAdmin, non_atomic
from django_vonage_messages.admin.conversations.reply import (
    ReplyForm,
    empty_reply,
    send_reply,
    unsent_reply,
)
from django_vonage_messages.admin.conversations.reply_rules import (
    blocked_reason,
    permanently_blocked_reason,
    text_limit,
    window_warning,
)
from django_vonage_messages.admin.conversations.thread import Thread, load_thread
from django_vonage_messages.admin.messages.actions import ACTIONS, perform_action
from django_vonage_messages.admin.permissions import (
    admin_url,
    may_reply,
    may_see_full_addresses,
)
from django_vonage_messages.models import Conversation, Message
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.services.history.conversations import mark_read

_FILTERS = "_changelist_filters"
_BEFORE = "before"
_RESULT_AT = "result"
"""Query parameter: id of the message beside which the page shows the result of an action."""


class ThreadViews(ReadOnlyAdmin[Conversation]):
    """ModelAdmin whose change page shows a conversation as a thread with a reply box."""

    def get_urls(self) -> list[URLPattern]:
        reply = path(
            "<path:object_id>/reply/",
            self.admin_site.admin_view(non_atomic(self.reply_view)),
            name="vonage_messages_conversation_reply",
        )
        action = path(
            "<path:object_id>/message/<int:message_id>/<slug:action>/",
            self.admin_site.admin_view(non_atomic(self.action_view)),
            name="vonage_messages_conversation_action",
        )
        return [reply, action, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        conversation = self._get_conversation(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        before = _before(request)
        unread = conversation.unread_count if before is None else 0
        if unread and request.method == "GET" and may_reply(request):
            # First mark, then load: a message that arrives in between stays unread.
            mark_read(conversation)
        context = {"vonage_unread": unread, **(extra_context or {})}
        return self._render(request, conversation, context, before=before)

    def reply_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send the reply, and redirect to the conversation."""
        conversation = self._get_conversation(request, object_id)
        if not may_reply(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._to_thread(request, conversation)
        if reason := permanently_blocked_reason(conversation):
            self.message_user(request, reason, messages.ERROR)
            return self._to_thread(request, conversation)
        form = ReplyForm(request.POST, limit=text_limit(conversation))
        if not form.is_valid():
            error = " ".join(str(text) for texts in form.errors.values() for text in texts)
            return self._render_unsent(request, conversation, request.POST.get("text", ""), error)
        result = send_reply(
            conversation,
            form.cleaned_data["text"],
            form.cleaned_data["token"],
            user=request.user,
            full=may_see_full_addresses(request),
        )
        if result.keep_text:  # nothing was sent: show the form again
            text = form.cleaned_data["text"]
            return self._render_unsent(request, conversation, text, str(result))
        self.message_user(request, str(result), result.level)
        return self._to_thread(request, conversation)

    def action_view(
        self, request: HttpRequest, object_id: str, message_id: int, action: str
    ) -> HttpResponse:
        """Perform the action of a button, and redirect to the message."""
        conversation = self._get_conversation(request, object_id)
        if not may_reply(request):
            raise PermissionDenied
        message = get_object_or_404(conversation.messages, pk=message_id)
        if action not in ACTIONS:
            raise Http404
        if request.method != "POST":
            return self._to_message(request, conversation, message, message)
        full = may_see_full_addresses(request)
        performed = perform_action(action, message, user=request.user, full=full)
        if performed.log_note:
            logged: Any = message
            self.log_change(request, logged, performed.log_note)
        self.message_user(request, str(performed.result), performed.result.level)
        # After a resend, performed.message is the new message.
        return self._to_message(request, conversation, message, performed.message)

    def _get_conversation(self, request: HttpRequest, object_id: str) -> Conversation:
        conversation = self.get_object(request, object_id)
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        if conversation is None:
            raise Http404
        return conversation

    def _render_unsent(
        self, request: HttpRequest, conversation: Conversation, text: str, error: str
    ) -> HttpResponse:
        form = unsent_reply(text, text_limit(conversation))
        context = {"vonage_reply": form, "vonage_error": error, "errors": True}
        return self._render(request, conversation, context)

    def _to_thread(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        return HttpResponseRedirect(self._url(request, conversation, "change") + "#vonage-reply")

    def _to_message(
        self, request: HttpRequest, conversation: Conversation, message: Message, shown: Message
    ) -> HttpResponse:
        url = self._url(request, conversation, "change", keeps_page=shown == message)
        separator = "&" if "?" in url else "?"
        return HttpResponseRedirect(f"{url}{separator}{_RESULT_AT}={shown.pk}#message-{shown.pk}")

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
            **self._thread_context(request, conversation, before, extra.get("vonage_unread", 0)),
            **extra,
        }
        names = [
            f"admin/{opts.app_label}/{opts.model_name}/change_form.html",
            f"admin/{opts.app_label}/change_form.html",
        ]
        return TemplateResponse(request, self.change_form_template or names, context)

    def _thread_context(
        self, request: HttpRequest, conversation: Conversation, before: int | None, unread: int
    ) -> dict[str, Any]:
        full = may_see_full_addresses(request)
        filters = request.GET.get(_FILTERS, "")
        inbox = admin_url(self.admin_site, Conversation, "changelist")
        thread = load_thread(
            conversation,
            self.admin_site,
            request,
            action_url=partial(self._action_url, request, conversation),
            before=before,
            unread=unread,
        )
        return {
            "vonage_thread": thread,
            "vonage_result_at": _result_at(request, thread),
            "vonage_is_newest": before is None,
            "vonage_customer": show_customer(conversation, full=full),
            "vonage_may_reply": may_reply(request),
            "vonage_blocked_reason": blocked_reason(conversation),
            "vonage_channel": CHANNELS[conversation.channel],
            "vonage_window_warning": window_warning(conversation),
            "vonage_reply": empty_reply(text_limit(conversation)),
            "vonage_reply_url": self._url(request, conversation, "reply"),
            "vonage_thread_url": self._url(request, conversation, "change"),
            "vonage_inbox_url": f"{inbox}?{filters}" if filters else inbox,
        }

    def _action_url(
        self, request: HttpRequest, conversation: Conversation, message: Message, action: str
    ) -> str:
        return self._url(request, conversation, "action", message.pk, action, keeps_page=True)

    def _url(
        self,
        request: HttpRequest,
        conversation: Conversation,
        page: str,
        *args: Any,
        keeps_page: bool = False,
    ) -> str:
        url = admin_url(self.admin_site, Conversation, page, conversation.pk, *args)
        # Keep the filters of the inbox, so that the link back to it restores them.
        query = request.GET.copy()
        for name in set(query) - {_FILTERS, *([_BEFORE] if keeps_page else [])}:
            del query[name]
        return f"{url}?{query.urlencode()}" if query else url


def _before(request: HttpRequest) -> int | None:
    try:
        return int(request.GET[_BEFORE])
    except (KeyError, ValueError):
        return None


def _result_at(request: HttpRequest, thread: Thread) -> int | None:
    requested = request.GET.get(_RESULT_AT)
    pks = (entry.message.pk for entry in thread.entries)
    return next((pk for pk in pks if str(pk) == requested), None)
