import dataclasses

import pytest

from django_vonage_messages.protocol.channels import CHANNELS, SMS, VIBER, get_channel


def test_stored_names_are_the_six_channels():
    assert list(CHANNELS) == ["sms", "mms", "whatsapp", "viber", "messenger", "rcs"]
    assert all(name == channel.name for name, channel in CHANNELS.items())


@pytest.mark.parametrize("name", ["viber", "viber_service_msg", "viber_service"])
def test_viber_is_found_under_its_three_names(name):
    assert get_channel(name) is VIBER


def test_v0_1_types_are_those_of_the_reference():
    types = {channel.v0_1_type for channel in CHANNELS.values()} - {"rcs"}
    assert types == {"sms", "mms", "whatsapp", "viber_service_msg", "messenger"}


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=lambda channel: channel.name)
def test_every_channel_is_found_under_each_of_its_names(channel):
    assert get_channel(channel.name) is channel
    assert get_channel(channel.v0_1_type) is channel


@pytest.mark.parametrize("name", ["", "SMS", " sms", "telegram", "\ud800"])
def test_unknown_name_is_not_a_channel(name):
    assert get_channel(name) is None


def test_address_types_are_those_of_v0_1():
    keys = {
        name: (channel.customer_address_type, channel.sender_address_type)
        for name, channel in CHANNELS.items()
    }
    assert keys["sms"] == keys["mms"] == keys["whatsapp"] == ("number", "number")
    assert keys["viber"] == ("number", "id")
    assert keys["messenger"] == ("id", "id")


def test_channel_table_cannot_be_changed():
    with pytest.raises(TypeError):
        CHANNELS["fax"] = SMS
    with pytest.raises(dataclasses.FrozenInstanceError):
        SMS.name = "fax"
