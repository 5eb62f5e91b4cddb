"""Property tests: any verified body is processed once, any unverified request stores nothing."""

import base64
import json

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webhooks.reference_bodies import INBOUND, STATUS

pytestmark = pytest.mark.django_db
many_examples = settings(max_examples=150)

UUIDS = ["a-uuid-of-ours", "a-uuid-of-nobody"]
any_text = st.text(st.characters(codec=None), max_size=80)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | any_text
    | st.sampled_from(["sms", "delivered", "447700900000", "2026-01-01T14:00:00Z", "0.03", "text"])
)
names = any_text | st.sampled_from(["type", "number", "id", "content", "text", "code", "price"])
any_json = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)
)


@st.composite
def nearly_right(draw):
    """Draw a sample of the reference with some of its fields replaced by any JSON."""
    body = json.loads(draw(st.sampled_from([STATUS, INBOUND])))
    body["message_uuid"] = draw(st.sampled_from(UUIDS))
    for field in draw(st.sets(st.sampled_from(sorted(body)))):
        body[field] = draw(any_json)
    return body | draw(st.dictionaries(any_text, any_json, max_size=2))


bodies = st.one_of(
    nearly_right().map(lambda body: json.dumps(body).encode()),
    st.dictionaries(names | st.sampled_from(["status", "message", "message_uuid"]), any_json).map(
        lambda body: json.dumps(body).encode()
    ),
    any_json.map(lambda body: json.dumps(body).encode()),
    st.binary(max_size=200),
)


@pytest.mark.slow
@given(body=bodies, path=st.sampled_from(["message-status", "inbound-message/"]))
@many_examples
def test_any_verified_body_is_applied_or_stored_once(post_webhook, message, stored, body, path):
    type(message).objects.filter(pk=message.pk).update(message_uuid=UUIDS[0])
    with transaction.atomic():
        for results in ({"applied", "stored"}, {"duplicate", "stored"}):
            response = post_webhook(path, body)
            assert response.status_code == 200
            assert response.json()["result"] in results
            assert sum(stored()) == 1
        transaction.set_rollback(True)


@given(
    authorization=st.text(st.characters(max_codepoint=255), max_size=200)
    | st.text("abcdefghij.-_", max_size=60).map("Bearer {}".format)
    | st.tuples(any_json, any_json).map(
        lambda segments: "Bearer " + ".".join(map(_encoded, segments)) + ".c2lnbmVk"
    )
)
@many_examples
def test_any_invalid_authorization_is_refused_and_nothing_is_stored(
    post_webhook, stored, authorization
):
    response = post_webhook(
        "inbound-message", INBOUND, secret=None, headers={"Authorization": authorization}
    )
    assert response.status_code in {401, 503}
    reason = response.json()["reason"]
    assert reason in {"not_vonage", "missing_token", "wrong_header", "wrong_secret"}
    assert stored() == (0, 0, 0)


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
