"""URLs of updates: a webhook can choose only a listed Vonage region."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_vonage_messages.protocol.v1.update_requests import (
    get_self_href,
    is_usable_uuid,
    region_host,
    update_url,
)

UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
HOME = "https://api.nexmo.com"
HOSTS = [
    f"api-{place}{number}.{domain}.com"
    for place in ("eu", "us", "ap")
    for number in ("", "-3", "-4")
    for domain in ("vonage", "nexmo")
]
EU = f"https://api-eu.vonage.com/v1/messages/{UUID}"

uuids = st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True)
any_text = st.text(st.characters(exclude_categories=()))
pieces = st.lists(
    st.sampled_from(
        [
            *("https://", "http://", "//", "/", "\\", "@", ":", ".", "-", "?", "#", "%2e", "%40"),
            *("api-eu", "api-us", "vonage", "nexmo", ".com", "evil.example", "api-eu.vonage.com"),
            *(":443", ":80", "/v1/messages/", UUID, "\n", "\t", " ", "\x00", "ſ", "。", "..", "E"),
        ]
    ),
    max_size=12,
).map("".join)
hrefs = (
    pieces
    | any_text
    | st.builds(lambda before, after: f"{before}{EU}{after}", pieces, pieces)
    | st.builds(lambda at, piece: EU[:at] + piece + EU[at:], st.integers(0, len(EU)), pieces)
    | st.builds(lambda at, piece: EU[:at] + piece + EU[at + 1 :], st.integers(0, len(EU)), pieces)
)


@pytest.mark.parametrize("host", HOSTS)
def test_url_of_a_region_is_used(host: str) -> None:
    href = f"https://{host}/v1/messages/{UUID}"
    assert update_url(HOME, UUID, href) == href
    assert update_url("https://api-us.vonage.com", UUID, href) == href


@pytest.mark.parametrize(
    "href",
    [
        f"HTTPS://API-EU.Vonage.COM/v1/messages/{UUID}",
        f"https://api-eu.vonage.com:443/v1/messages/{UUID}",
    ],
)
def test_other_spelling_of_a_region_is_normalised(href: str) -> None:
    assert update_url(HOME, UUID, href) == EU


@pytest.mark.parametrize(
    "href",
    [
        None,
        5,
        b"https://api-eu.vonage.com",
        [EU],
        {"href": EU},
        "",
        "https://",
        f"http://api-eu.vonage.com/v1/messages/{UUID}",
        f"ftp://api-eu.vonage.com/v1/messages/{UUID}",
        f"//api-eu.vonage.com/v1/messages/{UUID}",
        f"https:api-eu.vonage.com/v1/messages/{UUID}",
        f"https://api-eu.vonage.com.evil.example/v1/messages/{UUID}",
        f"https://evil.example/api-eu.vonage.com/v1/messages/{UUID}",
        f"https://evil-api-eu.vonage.com/v1/messages/{UUID}",
        f"https://x.api-eu.vonage.com/v1/messages/{UUID}",
        f"https://api-eu.vonage.com./v1/messages/{UUID}",
        f"https://api-eu.vonage.com@evil.example/v1/messages/{UUID}",
        f"https://user:pw@api-eu.vonage.com/v1/messages/{UUID}",
        f"https://evil.example#@api-eu.vonage.com/v1/messages/{UUID}",
        f"https://evil.example\\@api-eu.vonage.com/v1/messages/{UUID}",
        f"https://api-eu.vonage.com:8443/v1/messages/{UUID}",
        f"https://api-eu.vonage.com:80/v1/messages/{UUID}",
        f"https://api-eu.vonage.com:/v1/messages/{UUID}",
        f"https://api-eu.vonage.com:0443/v1/messages/{UUID}",
        f"https://api-eu.vonage.com:４４３/v1/messages/{UUID}",
        f"https://api-eu.vonage。com/v1/messages/{UUID}",
        f"https://api-uſ.vonage.com/v1/messages/{UUID}",
        f"https://api-eu.vonаge.com/v1/messages/{UUID}",  # a Cyrillic "a"
        f"https://api-eu.xn--vonge-4ve.com/v1/messages/{UUID}",
        f"https://api-eu-5.vonage.com/v1/messages/{UUID}",
        f"https://api-eu-３.vonage.com/v1/messages/{UUID}",
        f"https://api-xx.vonage.com/v1/messages/{UUID}",
        f"https://api.nexmo.com/v1/messages/{UUID}",
        f"https://vonage.com/v1/messages/{UUID}",
        f"https://api-eu.vonage.net/v1/messages/{UUID}",
        f"https://api-eu.vonage.com/v1/messages/{UUID}/",
        f"https://api-eu.vonage.com/v1/messages/{UUID}?a=b",
        f"https://api-eu.vonage.com/v1/messages/{UUID}#a",
        f"https://api-eu.vonage.com/v1/messages/{UUID}\n",
        f" https://api-eu.vonage.com/v1/messages/{UUID}",
        f"https://api-eu.vonage.com/V1/messages/{UUID}",
        f"https://api-eu.vonage.com/v1/messages/../messages/{UUID}",
        f"https://api-eu.vonage.com//v1/messages/{UUID}",
        f"https://api-eu.vonage.com/v1/messages/{UUID.upper()}",
        "https://api-eu.vonage.com/v1/messages/",
        "https://api-eu.vonage.com/v1/messages/bbbbbbbb-bbbb-4ccc-8ddd-0123456789ab",
        f"https://[api-eu.vonage.com]/v1/messages/{UUID}",
    ],
)
def test_any_other_url_is_ignored(href: object) -> None:
    assert region_host(href, UUID) == ""
    assert update_url(HOME, UUID, href) == f"{HOME}/v1/messages/{UUID}"


@given(hrefs, uuids)
@example(EU, UUID)
def test_no_text_leads_to_an_unlisted_host(href: str, message_uuid: str) -> None:
    for uuid in (UUID, message_uuid):
        parts = urlsplit(update_url(HOME, uuid, href))
        assert (parts.scheme, parts.path, parts.query) == ("https", f"/v1/messages/{uuid}", "")
        assert parts.netloc in [*HOSTS, "api.nexmo.com"]
        if parts.netloc != "api.nexmo.com":
            assert href.lower().removeprefix("https://").startswith(parts.netloc)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8000",
        "https://messages-sandbox.nexmo.com",
        "https://proxy.example/vonage",
        "https://api.nexmo.com:8443",
        "https://api.nexmo.com/through",
        "https://api.nexmo.com.evil.example",
        "https://api-eu.vonage.com.evil.example",
        "http://api.nexmo.com",
    ],
)
def test_other_base_url_is_always_used(base_url: str) -> None:
    assert update_url(base_url, UUID, EU) == f"{base_url}/v1/messages/{UUID}"


@pytest.mark.parametrize("base_url", ["HTTPS://API.nexmo.com", "https://api.nexmo.com:443"])
def test_every_spelling_of_the_vonage_url_allows_regions(base_url: str) -> None:
    assert update_url(base_url, UUID, EU) == EU


@pytest.mark.parametrize(
    "message_uuid", ["", ".", "..", "../x", "a/b", "a?b", "a#b", "a b", "a\n", "é", "%2e", "a" * 65]
)
def test_invalid_uuid_is_in_no_url(message_uuid: str) -> None:
    assert not is_usable_uuid(message_uuid)
    with pytest.raises(ValueError, match="not a message_uuid"):
        update_url(HOME, message_uuid, None)


@pytest.mark.parametrize(
    ("payload", "href"),
    [
        ({"_self": {"href": EU}}, EU),
        ({"_self": {"href": 5}}, 5),
        ({"_self": {}}, None),
        ({"_self": EU}, None),
        ({"_self": None}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("text", None),
    ],
)
def test_self_href_is_read_from_a_webhook(payload: object, href: object) -> None:
    assert get_self_href(payload) == href
