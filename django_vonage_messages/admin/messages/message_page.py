"""The views of a message: its page, and the URL that its buttons post to."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from django_vonage_messages.admin.base import FactAdmin
from django_vonage_messages.admin.links import admin_url
from django_vonage_messages.admin.messages.buttons import NAMES, perform
from django_vonage_messages.admin.messages.summary import Links, standings
from django_vonage_messages.admin.messages.timeline import timeline
from django_vonage_messages.admin.messages.updates import revoking
from django_vonage_messages.admin.non_atomic import outside_transactions
from django_vonage_messages.admin.permissions import may_reply, may_see_full_addresses
from django_vonage_messages.models import Message


class MessagePage(FactAdmin[Message]):
    """Adds to Django's page where the message stands, what can be done, and its timeline."""

    def get_urls(self) -> list[URLPattern]:
        move = path(
            "<path:object_id>/do/<slug:move>/",
            self.admin_site.admin_view(outside_transactions(self.move_view)),
            name="vonage_messages_message_move",
        )
        return [move, *super().get_urls()]

    def move_view(self, request: HttpRequest, object_id: str, move: str) -> HttpResponse:
        """Do what a button says, and come back to the message, or to the one that was sent for
        it, with what became of it.
        """
        message = self.get_object(request, object_id)
        if not self.has_view_permission(request, message) or not may_reply(request):
            raise PermissionDenied
        if message is None or move not in NAMES:
            raise Http404
        if request.method != "POST":
            return HttpResponseRedirect(self._page_url(message.pk))
        full = may_see_full_addresses(request)
        moved = perform(move, message, user=request.user, full=full)
        if moved.note:
            self.log_change(request, message, moved.note)
        self.message_user(request, str(moved.answer), moved.answer.level)
        return HttpResponseRedirect(self._page_url(moved.message.pk))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Message | None = None,
    ) -> HttpResponse:
        if obj is not None:
            full = may_see_full_addresses(request)
            links = Links(self._page_url, self._move_url if may_reply(request) else None)
            context["vonage_standing"] = standings([obj], links, full=full)[obj.pk]
            context["vonage_revoke"] = revoking(obj, links.move) if links.move else None
            context["vonage_timeline"] = timeline(obj, full=full)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _page_url(self, pk: int) -> str:
        return admin_url(self.admin_site, Message, "change", pk)

    def _move_url(self, message: Message, move: str) -> str:
        return admin_url(self.admin_site, Message, "move", message.pk, move)
