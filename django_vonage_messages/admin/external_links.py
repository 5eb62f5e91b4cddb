"""Ways out of this site: nothing is fetched from there until somebody follows one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages.protocol.content_summary import Media, Place

_MAP: Final = "www.openstreetmap.org"
_OPEN: Final[Mapping[str, Any]] = {
    "image": _("Open the image"),
    "audio": _("Open the audio"),
    "video": _("Open the video"),
    "file": _("Open the file"),
    "vcard": _("Open the contact card"),
    "sticker": _("Open the sticker"),
    "card": _("Open the card’s picture or film"),
}


@dataclass(frozen=True)
class Link:
    """What a link says, and the host that it leads to."""

    label: str
    url: str
    host: str


def media_link(media: Media) -> Link:
    """Return the link that opens a file."""
    return Link(str(_OPEN[media.content_type]), media.url, media.host)


def map_link(place: Place) -> Link:
    """Return the link that shows a place on a map."""
    north, east = f"{float(place.latitude):.6f}", f"{float(place.longitude):.6f}"
    url = f"https://{_MAP}/?mlat={north}&mlon={east}#map=16/{north}/{east}"
    return Link(gettext("Show it on a map"), url, _MAP)
