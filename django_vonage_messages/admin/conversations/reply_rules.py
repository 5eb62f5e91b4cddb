"""Rules for replies: blocked conversations, maximum length, and warnings."""

from datetime import timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext

from django_vonage_messages.conf import get_account
from django_vonage_messages.content import Image, Text
from django_vonage_messages.models import Channel, Conversation
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion
from django_vonage_messages.services.history.suppressions import is_suppressed

REPLY_WINDOW: Final = timedelta(hours=24)
"""Time after a customer's message in which WhatsApp and Messenger accept any reply.

Source: developer.vonage.com, "Understanding WhatsApp messaging" and "Facebook Messenger".
"""


def blocked_reason(conversation: Conversation) -> str:
    """Return the reason why no reply can be sent now, or ""."""
    if reason := permanently_blocked_reason(conversation):
        return reason
    if _api_version(conversation) is None:
        return gettext(
            "You cannot reply here: this site’s settings have no usable account for this "
            "conversation. Tell the developers."
        )
    if is_suppressed(conversation.their_address, conversation.channel, conversation.our_address):
        return gettext(
            "You cannot message this customer: a suppression is in force. The suppression can be "
            "lifted if the customer has agreed to receive messages again."
        )
    return ""


def permanently_blocked_reason(conversation: Conversation) -> str:
    """Return the reason why no reply can ever be sent, or ""."""
    if not conversation.can_be_answered:
        return gettext(
            "You cannot reply here: our messages come from the name “%(name)s”, and customers "
            "cannot write to a name. Contact the customer in another way."
        ) % {"name": conversation.our_address}
    version = _api_version(conversation)
    if version is None or conversation.channel in version.channels_for(Text):
        return ""
    return _no_text_reason(conversation, version)


def text_limit(conversation: Conversation) -> int | None:
    """Return the maximum length of a reply, or None if there is no limit."""
    version = _api_version(conversation)
    if version is None or conversation.channel not in version.channels_for(Text):
        return None  # no reply is possible
    return version.text_limit(conversation.channel)


def window_warning(conversation: Conversation) -> str:
    """Return a warning if WhatsApp or Messenger will probably reject a reply now, or ""."""
    rule = _closed_window_rule(conversation.channel)
    last = conversation.last_inbound_at
    if not rule or (last is not None and timezone.now() - last <= REPLY_WINDOW):
        return ""
    if last is None:
        when = gettext("The customer has not written in this conversation yet.")
    else:
        when = gettext("The customer last wrote more than 24 hours ago.")
    return f"{when} {rule}"


def _api_version(conversation: Conversation) -> ApiVersion | None:
    try:
        return API_VERSIONS[get_account(conversation.account).api_version]
    except ImproperlyConfigured:
        return None


def _no_text_reason(conversation: Conversation, version: ApiVersion) -> str:
    channel = conversation.get_channel_display()
    contents = version.content_rules.get(conversation.channel)
    if not contents:
        return gettext(
            "You cannot reply here: Messages API %(version)s does not support %(channel)s. Contact "
            "the customer in another way, and tell the developers."
        ) % {"version": version.name, "channel": channel}
    if set(contents) == {Image}:
        reason = gettext("On this account, %(channel)s can send only pictures.")
    else:
        reason = gettext("On this account, %(channel)s cannot send text.")
    advice = gettext(
        "You cannot reply here. Contact the customer in another way, for example by SMS."
    )
    return f"{reason % {'channel': channel}} {advice}"


def _closed_window_rule(channel: str) -> str:
    if channel == Channel.WHATSAPP:
        return gettext(
            "Until the customer writes, WhatsApp delivers only templates: this reply will probably "
            "be rejected (code 1340)."
        )
    if channel == Channel.MESSENGER:
        return gettext(
            "Until the customer writes, Messenger requires a message tag, which replies do not "
            "have: this reply will probably be rejected (code 1340)."
        )
    return ""
