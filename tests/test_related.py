"""Messages about an object of the site."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import Exists, OuterRef
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext, isolate_apps

from django_vonage_messages import queue_message, send_message
from django_vonage_messages.models import Message, RelatedMessages, StatusEvent
from django_vonage_messages.testing import simulate_status
from example_project.orders.models import Order

CUSTOMER = "447700900123"


class ProxyOrder(Order):
    class Meta:
        proxy = True
        app_label = "orders"


@pytest.fixture
def order(db: None) -> Order:
    return _order("A1")


@pytest.fixture
def new_model(transactional_db: None) -> Iterator[Callable[..., Any]]:
    """Function that creates the table of a model."""
    created: list[Any] = []

    def create(model: Any) -> Any:
        with connection.schema_editor() as editor:
            editor.create_model(model)
        created.append(model)
        return model

    with isolate_apps("example_project.orders"):
        yield create
    names = [model._meta.model_name for model in created]
    ContentType.objects.filter(app_label="orders", model__in=names).delete()
    ContentType.objects.clear_cache()
    with connection.schema_editor() as editor:
        for model in reversed(created):
            editor.delete_model(model)


@pytest.fixture
def booking_model(new_model: Callable[..., Any]) -> Any:
    """A model with a UUID as its primary key, and the messages about it."""

    class Booking(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        messages = RelatedMessages()

        class Meta:
            app_label = "orders"

    return new_model(Booking)


@pytest.fixture
def event_model(new_model: Callable[..., Any]) -> Any:
    """A model with a UUID as its primary key."""

    class Event(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            app_label = "orders"

    return new_model(Event)


def _order(reference: str) -> Order:
    return Order.objects.create(reference=reference, customer_name="Jane", phone=CUSTOMER)


def test_about_returns_messages_of_object(order: Order) -> None:
    group = Group.objects.create(pk=order.pk, name="Nurses")
    message = queue_message(CUSTOMER, "Hello", related=order)
    queue_message(CUSTOMER, "Hello", related=group)
    queue_message(CUSTOMER, "Hello")
    assert Message.objects.about(order).get() == message
    assert Message.objects.outbound().about(order).get() == message


def test_about_finds_messages_through_proxy_model(order: Order) -> None:
    message = queue_message(CUSTOMER, "Hello", related=ProxyOrder.objects.get(pk=order.pk))
    assert Message.objects.about(order).get() == message
    assert Message.objects.about(ProxyOrder.objects.get(pk=order.pk)).get() == message


def test_about_refuses_unsaved_object() -> None:
    with pytest.raises(ValueError, match="Save the Order first"):
        Message.objects.about(Order())


def test_relation_lists_messages_of_object(order: Order) -> None:
    message = queue_message(CUSTOMER, "Hello", related=order)
    queue_message(CUSTOMER, "Hello", related=_order("A2"))
    assert order.messages.outbound().get() == message
    assert not order.messages.inbound().exists()


def test_deleting_object_keeps_messages_and_events(order: Order) -> None:
    message = queue_message(CUSTOMER, "Hello", related=order)
    StatusEvent.objects.create(message=message, status="queued", source="local", dedupe_key="1")
    pk = order.pk
    deleted, per_model = order.delete()
    assert (deleted, per_model) == (1, {"orders.Order": 1})
    message.refresh_from_db()
    assert (message.related, message.related_id) == (None, str(pk))
    assert message.events.exists()


def test_deleting_queryset_keeps_messages(order: Order) -> None:
    queue_message(CUSTOMER, "Hello", related=order)
    queue_message(CUSTOMER, "Hello", related=_order("A2"))
    assert Order.objects.all().delete() == (2, {"orders.Order": 2})
    assert Message.objects.count() == 2


def test_deleting_objects_reads_no_messages(order: Order) -> None:
    _order("A2")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        Order.objects.all().delete()
    assert len(queries) == 1  # a fast delete
    assert "vonage" not in queries[0]["sql"]


def test_admin_does_not_list_messages_as_deleted(order: Order) -> None:
    queue_message(CUSTOMER, "Hello", related=order)
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    to_delete, counts, missing, protected = site._registry[Order].get_deleted_objects(
        [order], request
    )
    assert counts == {"orders": 1}
    assert (len(to_delete), missing, protected) == (1, set(), [])


def test_deleting_object_with_uuid_keeps_messages(booking_model: Any) -> None:
    booking = booking_model.objects.create()
    message = queue_message(CUSTOMER, "Hello", related=booking)
    assert Message.objects.about(booking).get() == message
    booking.delete()
    assert Message.objects.get() == message


def test_key_that_was_assigned_as_text_is_found(booking_model: Any) -> None:
    key = uuid.uuid4()
    booking = booking_model.objects.create(id=key.hex)
    message = queue_message(CUSTOMER, "Hello", related=booking)
    stored = booking_model.objects.get()
    assert Message.objects.about(booking).get() == message
    assert Message.objects.about(stored).get() == message
    assert stored.messages.get() == message


def test_removing_message_from_object_keeps_message(order: Order) -> None:
    first = queue_message(CUSTOMER, "First", related=order)
    second = queue_message(CUSTOMER, "Second", related=order)
    order.messages.remove(first)
    assert order.messages.get() == second
    order.messages.clear()
    assert not order.messages.exists()
    assert Message.objects.count() == 2
    first.refresh_from_db()
    assert (first.related_type, first.related_id) == (None, "")


def test_filter_across_relation_finds_objects(booking_model: Any) -> None:
    order, other = _order("A1"), _order("A2")
    bookings = booking_model.objects
    booking, other_booking = bookings.create(), bookings.create()
    for each in (order, booking):
        queue_message(CUSTOMER, "Hello", related=each)
    queued = {"messages__status": "queued"}
    assert Order.objects.filter(**queued).get() == order
    assert Order.objects.exclude(**queued).get() == other
    assert Order.objects.filter(messages=None).get() == other
    assert bookings.filter(**queued).get() == booking
    assert bookings.exclude(**queued).get() == other_booking
    counts = Order.objects.annotate(n=models.Count("messages")).order_by("pk")
    assert [each.n for each in counts] == [1, 0]
    about = Message.objects.filter(
        related_type=ContentType.objects.get_for_model(Order), related_id=OuterRef("pk")
    )
    assert Order.objects.filter(Exists(about)).get() == order


def test_prefetch_related_loads_messages_of_all_objects(booking_model: Any) -> None:
    bookings = booking_model.objects
    for model in (Order, booking_model):
        each = _order("A1") if model is Order else bookings.create()
        message = queue_message(CUSTOMER, "Hello", related=each)
        (found,) = model.objects.prefetch_related("messages")
        with CaptureQueriesContext(connection) as queries:
            assert list(found.messages.all()) == [message]
        assert not queries


def test_clear_forgets_prefetched_messages(order: Order) -> None:
    queue_message(CUSTOMER, "Hello", related=order)
    (found,) = Order.objects.prefetch_related("messages")
    found.messages.clear()
    assert list(found.messages.all()) == []


def test_relation_of_a_child_uses_the_primary_key_of_its_parent(
    new_model: Callable[..., Any], event_model: Any
) -> None:
    class Concert(event_model):
        messages = RelatedMessages()

        class Meta:
            app_label = "orders"

    new_model(Concert)
    concert, other = Concert.objects.create(), Concert.objects.create()
    queue_message(CUSTOMER, "Hello", related=concert)
    assert Concert.objects.filter(messages__status="queued").get() == concert
    assert Concert.objects.exclude(messages__status="queued").get() == other


def test_relation_of_a_model_whose_primary_key_is_a_relation(
    new_model: Callable[..., Any], event_model: Any
) -> None:
    class Venue(models.Model):
        event = models.OneToOneField(event_model, models.CASCADE, primary_key=True)
        messages = RelatedMessages()

        class Meta:
            app_label = "orders"

    new_model(Venue)
    venue, other = (Venue.objects.create(event=event_model.objects.create()) for _ in range(2))
    queue_message(CUSTOMER, "Hello", related=venue)
    assert venue.messages.count() == 1
    assert Venue.objects.filter(messages__status="queued").get() == venue
    assert Venue.objects.exclude(messages__status="queued").get() == other


def test_relation_is_inherited(new_model: Callable[..., Any]) -> None:
    class Reminded(models.Model):
        messages = RelatedMessages()

        class Meta:
            app_label = "orders"
            abstract = True

    class Visit(Reminded):
        class Meta:
            app_label = "orders"

    class HomeVisit(Visit):
        class Meta:
            app_label = "orders"

    new_model(Visit)
    new_model(HomeVisit)
    visit = HomeVisit.objects.create()
    HomeVisit.objects.create()
    message = queue_message(CUSTOMER, "Hello", related=visit)
    assert visit.messages.get() == message
    assert HomeVisit.objects.filter(messages__status="queued").get() == visit
    assert HomeVisit.objects.exclude(messages__status="queued").count() == 1
    visit.delete()
    assert Message.objects.get() == message


def test_status_of_message_about_deleted_object_is_stored(order: Order) -> None:
    message = send_message(CUSTOMER, "Hello", related=order)
    order.delete()
    assert simulate_status(message, "delivered").status == "delivered"
