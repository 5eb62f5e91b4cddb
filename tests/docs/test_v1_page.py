"""The page about the two API versions, compared with their rules."""

import pytest

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.content import Template
from django_vonage_messages.models import Message
from django_vonage_messages.protocol.channels import CHANNELS
from django_vonage_messages.protocol.versions import API_VERSIONS
from django_vonage_messages.services.delivery.deliver import deliver
from tests.accounts import v1_account
from tests.docs.tables import page, rows_of


def test_differences_are_those_of_the_rules() -> None:
    differences = {name: cells for name, *cells in rows_of("v1", "")}
    old, new = API_VERSIONS["v0.1"], API_VERSIONS["v1"]
    labels = ", ".join(CHANNELS[name].label for name in old.content_rules)
    (added,) = set(new.content_rules) - set(old.content_rules)
    assert differences["Channels"] == [labels, f"{labels}, {CHANNELS[added].label}"]
    references = differences["Your reference for a message (client_ref)"]
    for cell, version in zip(references, (old, new), strict=True):
        assert str(version.client_ref_length) in cell
    assert (old.has_failover, new.has_failover) == (False, True)
    assert str(new.text_limit("messenger")) in differences["Messenger"][1]


def test_every_content_that_v1_lacks_is_an_exception() -> None:
    old, new = API_VERSIONS["v0.1"].content_rules, API_VERSIONS["v1"].content_rules
    lost = {(name, cls.__name__) for name in old for cls in old[name] if cls not in new[name]}
    assert lost == {("viber", "Template"), ("viber", "Custom"), ("messenger", "Custom")}
    text = page("v1").read_text("utf-8")
    assert "Viber templates, `Custom` content on Viber and Messenger" in text


@pytest.mark.django_db
def test_queued_message_that_v1_does_not_support_fails() -> None:
    queued = queue_message("447700900000", Template("shipped", ["A-42"]), channel="viber")
    sent = send_message("447700900000", "Hello")
    with v1_account():
        deliver(queued.pk)
    queued.refresh_from_db()
    assert (queued.status, queued.reason) == ("failed", "unsendable")
    assert Message.objects.get(pk=sent.pk).conversation == sent.conversation
