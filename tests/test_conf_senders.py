"""SENDERS of an account: our addresses by channel."""

from typing import Any

import pytest

from django_vonage_messages.protocol.channels import MMS, SMS, VIBER, WHATSAPP, Channel
from tests.test_conf import account, refusal


@pytest.mark.parametrize(
    ("senders", "channel", "read"),
    [
        ({"sms": "447700900001"}, SMS, ("447700900001",)),
        ({"sms": "+44 7700 900001"}, SMS, ("447700900001",)),
        ({"sms": ["SHOP", "12345", "0044 7700 900001"]}, SMS, ("SHOP", "12345", "447700900001")),
        ({"sms": ("SHOP",)}, SMS, ("SHOP",)),
        ({"sms": lambda: "SHOP"}, SMS, ("SHOP",)),
        ({"sms": [lambda: "SHOP"]}, SMS, ("SHOP",)),
        ({"sms": []}, SMS, ()),
        ({"sms": ""}, SMS, ()),
        ({"sms": "SHOP"}, MMS, ()),
        ({"whatsapp": "+44 7700 900001"}, WHATSAPP, ("447700900001",)),
        ({"viber": "A Viber ID"}, VIBER, ("A Viber ID",)),
        ({"viber_service_msg": "A Viber ID"}, VIBER, ("A Viber ID",)),
        ({"viber_service": ["A Viber ID"]}, VIBER, ("A Viber ID",)),
        ({}, SMS, ()),
    ],
)
def test_senders_are_normalised(senders: Any, channel: Channel, read: tuple[str, ...]) -> None:
    assert account(SENDERS=senders).senders(channel) == read


def test_a_national_sender_is_read_in_the_region() -> None:
    assert account(SENDERS={"sms": "07700 900001"}, REGION="GB").senders() == ("447700900001",)


@pytest.mark.parametrize(
    ("senders", "problem"),
    [
        ({"fax": "447700900001"}, "['SENDERS'] has an unknown channel 'fax'; use one of sms, "),
        ({5: "447700900001"}, "['SENDERS'] has an unknown channel 5; use one of sms, "),
        ({"sms": 447700900001}, "['SENDERS']['sms'] must be a string or a list of strings, not"),
        ({"sms": None}, "['SENDERS']['sms'] must not be or contain None."),
        ({"sms": [447700900001]}, "['SENDERS']['sms'] must be a string, not int."),
        ({"sms": {"447700900001"}}, "['SENDERS']['sms'] must be a string or a list of strings, "),
        ({"sms": lambda: 1 / 0}, "['SENDERS']['sms'] is a callable that raised ZeroDivisionErr"),
        ("447700900001", "['SENDERS'] must be a dict from channel to sender or list of senders."),
        (["447700900001"], "['SENDERS'] must be a dict from channel to sender or list of senders."),
        ({"sms": "07700900001"}, "['SENDERS']['sms']: The number begins with 0"),
        (
            {"sms": "A name that is too long"},
            "['SENDERS']['sms']: An alphanumeric sender must have",
        ),
        ({"sms": "12"}, "['SENDERS']['sms']: The number has too few digits"),
    ],
)
def test_invalid_senders_are_refused(senders: Any, problem: str) -> None:
    error = refusal(lambda: account(SENDERS=senders).senders())
    assert error.startswith(f"VONAGE_MESSAGES['shop']{problem}")


def test_a_channel_under_two_names_is_refused() -> None:
    both = {"viber": "one", "viber_service_msg": "two"}
    assert refusal(lambda: account(SENDERS=both).senders(VIBER)) == (
        "VONAGE_MESSAGES['shop']['SENDERS'] has the channel 'viber' twice."
    )


def test_sender_id_has_at_most_50_characters() -> None:
    assert account(SENDERS={"viber": "x" * 50}).senders(VIBER) == ("x" * 50,)
    error = refusal(lambda: account(SENDERS={"viber": "x" * 51}).senders(VIBER))
    assert "['SENDERS']['viber']: The ID has 51 characters; it must have 1 to 50." in error


def test_name_is_refused_as_a_sender_on_whatsapp_and_mms() -> None:
    with_names = account(SENDERS={"whatsapp": "SHOP", "mms": "SHOP"})
    for error in (
        refusal(lambda: with_names.senders(WHATSAPP)),
        refusal(lambda: with_names.senders(MMS)),
    ):
        assert "]: The number has invalid characters." in error
