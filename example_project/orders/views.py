from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from django_vonage_messages.models import Conversation
from example_project.orders.models import AlreadyShipped, Order


def home(request: HttpRequest) -> HttpResponse:
    """Show the latest orders, with customers' names if the user has the permission."""
    orders = list(Order.objects.all()[:20])
    phones = {order.phone for order in orders}
    threads: dict[tuple[str, str], int] = {
        (address, channel): pk
        for address, channel, pk in Conversation.objects.filter(
            their_address__in=phones
        ).values_list("their_address", "channel", "pk")
    }
    rows = [(order, threads.get((order.phone, order.channel))) for order in orders]
    return render(request, "orders/home.html", {"rows": rows})


@require_POST
@permission_required("orders.change_order")
def ship(request: HttpRequest, pk: int) -> HttpResponse:
    """Ship one order. The customer gets a text."""
    order = get_object_or_404(Order, pk=pk)
    try:
        order.ship()
    except AlreadyShipped as exc:
        messages.warning(request, str(exc))
    else:
        messages.success(request, f"{order} has been shipped. Text: {order.text_status}.")
    return redirect("home")
