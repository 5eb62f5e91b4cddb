from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from django_vonage_messages.models import Suppression
from tests.admin.conftest import CUSTOMER, MASKED, Staff

LIST = "/admin/vonage_messages/suppression/"


@pytest.fixture
def suppression(db: None) -> Suppression:
    return Suppression.objects.create(address=CUSTOMER, evidence="Answered STOP")


def lift(client: Client, *suppressions: Suppression, **data: Any) -> Any:
    selected = [each.pk for each in suppressions]
    data = {"action": "lift_suppressions", "_selected_action": selected, **data}
    return client.post(LIST, data, follow=True)


@pytest.mark.parametrize("typed", [CUSTOMER, "+44 7700 900000", "0044 (7700) 900-000"])
def test_a_suppression_is_added_with_its_number_normalised(typed: str, staff: Staff) -> None:
    client = staff("add_suppression", "view_suppression")
    data = {"address": typed, "evidence": "Asked on the phone", "channel": "", "our_address": ""}
    assert client.post(f"{LIST}add/", data).status_code == 302
    added = Suppression.objects.get()
    assert added.address == CUSTOMER
    assert added.created_by is not None
    assert added.created_by.username == "anna"
    assert LogEntry.objects.get().object_repr == MASKED


@pytest.mark.parametrize(
    ("channel", "address", "our_address", "accepted"),
    [
        ("messenger", "4598023126881234", "107083064136738", True),
        ("viber", CUSTOMER, "our-shop-on-viber", True),
        ("whatsapp", "4598023126881234", "", False),
        ("", "4598023126881234", "", False),
        ("nonsense", "4598023126881234", "", False),
    ],
)
def test_id_is_accepted_only_on_channels_with_ids(
    channel: str, address: str, our_address: str, accepted: bool, staff: Staff
) -> None:
    data = {"address": address, "evidence": "Asked", "channel": channel, "our_address": our_address}
    staff("add_suppression", "view_suppression").post(f"{LIST}add/", data)
    found = Suppression.objects.filter(address=address, channel=channel, our_address=our_address)
    assert found.exists() is accepted


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "no number"},
        {"address": "07700 900000"},
        {"evidence": ""},
        {"evidence": "   "},
        {"our_address": "much too long a name"},
    ],
)
def test_suppression_requires_evidence_and_a_valid_address(
    wrong: dict[str, str], staff: Staff
) -> None:
    data = {"address": CUSTOMER, "evidence": "Asked", "channel": "", "our_address": ""} | wrong
    response = staff("add_suppression", "view_suppression").post(f"{LIST}add/", data)
    assert response.status_code == 200
    (field,) = wrong
    assert list(response.context["adminform"].errors) == [field]
    assert not Suppression.objects.exists()


def test_national_number_is_accepted_if_all_accounts_have_one_region(
    staff: Staff, settings: Any
) -> None:
    account = {**settings.VONAGE_MESSAGES["default"], "REGION": "GB"}
    settings.VONAGE_MESSAGES = {"default": account, "shop": account}
    data = {"address": "07700 900000", "evidence": "Asked", "our_address": "07700 900001"}
    client = staff("add_suppression")
    assert client.post(f"{LIST}add/", data).status_code == 302
    added = Suppression.objects.get()
    assert (added.address, added.our_address) == (CUSTOMER, "447700900001")
    settings.VONAGE_MESSAGES = {"default": account, "shop": {**account, "REGION": "FR"}}
    assert client.post(f"{LIST}add/", data).status_code == 200


def test_lifting_asks_for_confirmation_and_records_the_user(
    staff: Staff, suppression: Suppression
) -> None:
    client = staff("view_suppression", "change_suppression")
    question = lift(client, suppression).content.decode()
    assert ">Lift</button>" in question
    assert MASKED in question
    assert "Answered STOP" in question
    suppression.refresh_from_db()
    assert suppression.lifted_at is None

    response = lift(client, suppression, confirmed="yes")
    assert "1 suppression was lifted." in response.content.decode()
    suppression.refresh_from_db()
    assert suppression.lifted_at is not None
    assert suppression.lifted_by is not None
    assert suppression.lifted_by.username == "anna"
    assert LogEntry.objects.get().get_change_message() == "Lifted."
    assert (
        "All selected suppressions are already lifted."
        in lift(client, suppression).content.decode()
    )


def test_lifting_requires_the_permission_to_change(staff: Staff, suppression: Suppression) -> None:
    client = staff("view_suppression", "add_suppression")
    lift(client, suppression, confirmed="yes")
    suppression.refresh_from_db()
    assert suppression.lifted_at is None
    assert "lift_suppressions" not in client.get(f"{LIST}{suppression.pk}/change/").content.decode()


def test_lift_button_leads_to_the_confirmation(staff: Staff, suppression: Suppression) -> None:
    client = staff("view_suppression", "change_suppression")
    page = client.get(f"{LIST}{suppression.pk}/change/").content.decode()
    assert f'formaction="{LIST}" name="action" value="lift_suppressions"' in page
    assert page.count(f'name="_selected_action" value="{suppression.pk}"') == 1
    lift(client, suppression, confirmed="yes")
    page = client.get(f"{LIST}{suppression.pk}/change/").content.decode()
    assert "lift_suppressions" not in page
    assert "Lifted" in page


def test_lifting_mentions_other_suppressions_in_force(
    staff: Staff, suppression: Suppression
) -> None:
    Suppression.objects.create(address=CUSTOMER, evidence="Complained", channel="sms")
    client = staff("view_suppression", "change_suppression")
    response = lift(client, suppression, confirmed="yes").content.decode()
    assert "is still in force" in response


def test_a_suppression_cannot_be_edited(staff: Staff, suppression: Suppression) -> None:
    client = staff("view_suppression", "change_suppression", "delete_suppression")
    url = f"{LIST}{suppression.pk}/change/"
    assert client.post(url, {"address": "447700900009", "evidence": "x"}).status_code == 403
    suppression.refresh_from_db()
    assert suppression.address == CUSTOMER
