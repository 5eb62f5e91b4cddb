"""Names of customers: display, masking and search."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_vonage_messages.models import Conversation
from tests.admin.conftest import CUSTOMER, MASKED, Receive, Staff

LIST = "/admin/vonage_messages/conversation/"


@pytest.fixture
def named(receive_text: Receive) -> Conversation:
    conversation = receive_text().conversation
    Conversation.objects.update(contact_name="Jane <i>Smith</i>")
    return conversation


def row_of(client: Client) -> str:
    page = client.get(LIST).content.decode()
    return page.partition("field-customer")[2].partition("</th>")[0]


def heading_of(client: Client, conversation: Conversation) -> str:
    page = client.get(f"{LIST}{conversation.pk}/change/").content.decode()
    return page.partition("<h1")[2].partition("</h1>")[0]


def finds(client: Client, typed: str) -> bool:
    return bool(client.get(LIST, {"q": typed}).context["cl"].result_count)


def test_the_name_is_shown_beside_the_number(named: Conversation, staff: Staff) -> None:
    reader = staff("view_conversation")
    trusted = staff("view_conversation", "view_full_address", username="trusted")
    for shown in (row_of(reader), heading_of(reader, named)):
        assert '<bdi class="vonage-name">Jane &lt;i&gt;Smith&lt;/i&gt;</bdi>' in shown
        assert MASKED in shown
        assert CUSTOMER not in shown
    for shown in (row_of(trusted), heading_of(trusted, named)):
        assert "Jane &lt;i&gt;Smith&lt;/i&gt;" in shown
        assert CUSTOMER in shown


def test_name_and_number_are_distinguishable(named: Conversation, staff: Staff) -> None:
    reader = staff("view_conversation")
    assert '</bdi> (<bdi dir="ltr" class="vonage-address">' in heading_of(reader, named)
    assert '</bdi><br><bdi dir="ltr" class="vonage-address">' in row_of(reader)


def test_only_phone_numbers_in_a_name_are_masked(named: Conversation, staff: Staff) -> None:
    Conversation.objects.update(contact_name="Basic Token 123456")
    assert ">Basic Token 123456</bdi>" in row_of(staff("view_conversation"))


def test_customer_without_a_name_is_shown_by_number(
    conversation: Conversation, staff: Staff
) -> None:
    reader = staff("view_conversation")
    for shown in (row_of(reader), heading_of(reader, conversation)):
        assert "vonage-name" not in shown
        assert MASKED in shown


def test_number_in_a_name_is_masked_and_cannot_be_searched(
    named: Conversation, staff: Staff
) -> None:
    Conversation.objects.update(contact_name=f"Jane +{CUSTOMER}")
    reader = staff("view_conversation")
    trusted = staff("view_conversation", "view_full_address", username="trusted")
    for shown in (row_of(reader), heading_of(reader, named)):
        assert "Jane" in shown
        assert CUSTOMER not in shown
    assert f"Jane +{CUSTOMER}" in row_of(trusted)
    # Only users who may see the number can search for its parts.
    assert finds(reader, "jane")
    for part in ("+4477", "jane +4477", "4477"):
        assert not finds(reader, part)
    assert finds(trusted, "jane +4477")


@pytest.mark.parametrize("typed", ["jane", "Smith", "  Jane   Smith ", "jane smith", "e S"])
def test_a_name_is_found_by_part_of_it(named: Conversation, staff: Staff, typed: str) -> None:
    Conversation.objects.update(contact_name="Jane Smith")
    assert finds(staff("view_conversation"), typed)


@pytest.mark.parametrize("typed", ["Jane Miller", "J%e", "Sm_th", "7", "+", " "])
def test_other_text_does_not_find_a_name(named: Conversation, staff: Staff, typed: str) -> None:
    Conversation.objects.update(contact_name="Jane Smith", in_inbox=False)
    assert not finds(staff("view_conversation"), typed)


def test_search_for_a_number_does_not_query_names(named: Conversation, staff: Staff) -> None:
    """Only the number has an index."""
    trusted = staff("view_conversation", "view_full_address")
    with CaptureQueriesContext(connection) as queries:
        assert finds(trusted, "+44 7700 900000")
    assert not [query for query in queries if "contact_name" in query["sql"].partition("WHERE")[2]]


@pytest.mark.parametrize("lookup", ["contact_name", "contact_name__startswith"])
def test_names_cannot_be_filtered_by_url(named: Conversation, staff: Staff, lookup: str) -> None:
    assert staff("view_conversation").get(LIST, {lookup: "J"}).status_code == 400


def test_names_take_no_additional_query(receive_text: Receive, staff: Staff) -> None:
    reader = staff("view_conversation")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(LIST, {"q": "jane"}).status_code == 200
        return len(captured)

    queries()
    expected = queries()
    for number in range(20):
        receive_text(sender=f"4477009000{number:02d}")
    Conversation.objects.update(contact_name="Jane Smith")
    assert queries() == expected
