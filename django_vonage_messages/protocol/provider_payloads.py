"""Objects that both versions send in the same form."""

from typing import Any

from django_vonage_messages.content import Location, Template


def template_object(template: Template) -> dict[str, Any]:
    """Return a template's member, without its language."""
    if not template.parameters:
        return {"name": template.name}
    return {"name": template.name, "parameters": list(template.parameters)}


def location_object(location: Location) -> dict[str, Any]:
    """Return WhatsApp's own location object, where degrees are numbers: the API has none.

    (Source: developer.vonage.com, "Sending a location" with a custom object.)
    """
    described = {"name": location.name, "address": location.address}
    degrees = {
        "latitude": float(location.latitude),
        "longitude": float(location.longitude),
    }
    given = {key: value for key, value in described.items() if value}
    return {"type": "location", "location": degrees | given}
