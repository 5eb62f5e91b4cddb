import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from django_vonage_messages.protocol import signatures
from django_vonage_messages.protocol.signatures import Claims, InvalidToken

SECRET = "a secret of Vonage"
BODY = b'{"message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}'


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _token(header: object, claims: object, secret: str = SECRET, digest: str = "sha256") -> str:
    """Return a token built without PyJWT; bytes are used as JSON text."""
    parts = [
        _b64(part if isinstance(part, bytes) else json.dumps(part).encode())
        for part in (header, claims)
    ]
    signed = ".".join(parts)
    signature = hmac.new(secret.encode(), signed.encode(), digest).digest()
    return f"{signed}.{_b64(signature)}"


HS256 = {"alg": "HS256", "typ": "JWT"}
CLAIMS = {
    "iat": 1577887200,
    "jti": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    "iss": "Vonage",
    "payload_hash": hashlib.sha256(BODY).hexdigest(),
    "api_key": "abcd1234",
    "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
}


def _refused(token: str, secret: str = SECRET) -> bool:
    try:
        signatures.verify(token, secret)
    except InvalidToken:
        return True
    return False


def test_token_built_without_pyjwt_is_verified():
    claims = signatures.verify(_token(HS256, CLAIMS), SECRET)
    assert claims == Claims(
        api_key="abcd1234",
        application_id="aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        payload_hash=CLAIMS["payload_hash"],
        issued_at=1577887200.0,
        algorithm="HS256",
    )
    assert claims.matches(BODY)
    assert not claims.matches(BODY + b" ")


def test_example_of_rfc_7515_is_verified():
    """Appendix A.1, written with CRLF, spaces and a key of arbitrary bytes."""
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    assert signatures.verify(token, key) == Claims(None, None, None, None, "HS256")


def test_signed_token_has_the_expected_claims_and_signature():
    token = signatures.sign(BODY, SECRET, api_key="abcd1234", issued_at=1577887200.9)
    head, claims, signature = token.split(".")
    expected = hmac.new(SECRET.encode(), f"{head}.{claims}".encode(), "sha256").digest()
    assert signature == _b64(expected)
    data = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert data.pop("jti")
    assert data == {
        "iat": 1577887200,
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(BODY).hexdigest(),
        "api_key": "abcd1234",
    }


@given(st.binary(max_size=100), st.text("abcXYZ019!", min_size=1, max_size=12))
def test_signed_token_is_verified(body, secret):
    token = signatures.sign(body, secret, api_key="abcd1234", application_id="an-app")
    claims = signatures.verify(token, secret)
    assert claims.matches(body)
    assert (claims.api_key, claims.application_id) == ("abcd1234", "an-app")


def test_two_tokens_for_one_body_differ():
    assert signatures.sign(BODY, SECRET, api_key="a") != signatures.sign(BODY, SECRET, api_key="a")


@pytest.mark.parametrize("secret", ["", "another", SECRET + " ", SECRET[:-1], SECRET.upper()])
def test_wrong_secret_is_refused(secret):
    assert _refused(_token(HS256, CLAIMS), secret)


def test_empty_secret_verifies_no_token():
    assert _refused(_token(HS256, CLAIMS, secret=""), "")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, "hs256", ["HS256"], {}])
def test_other_algorithm_is_refused(alg):
    signed = _token({"alg": alg, "typ": "JWT"}, CLAIMS)
    assert _refused(signed)
    assert _refused(signed.rpartition(".")[0] + ".")


@pytest.mark.parametrize(("alg", "digest"), [("HS384", "sha384"), ("HS512", "sha512")])
def test_stronger_hmac_is_refused(alg, digest):
    assert _refused(_token({"alg": alg, "typ": "JWT"}, CLAIMS, digest=digest))
    assert _refused(_token({"alg": "HS256", "typ": "JWT"}, CLAIMS, digest=digest))


def test_rsa_token_is_refused_with_any_key_as_the_secret():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    token = jwt.encode(CLAIMS, private, algorithm="RS256")
    assert _refused(token)
    assert _refused(token, public.decode())
    assert _refused(_token(HS256, CLAIMS, secret=public.decode()))
    assert _refused(_token({"alg": "RS256"}, CLAIMS, secret=public.decode()), public.decode())


@given(st.data())
def test_a_truncated_token_is_refused(data):
    token = _token(HS256, CLAIMS)
    assert _refused(token[: data.draw(st.integers(0, len(token) - 1))])


@given(st.data())
def test_a_token_with_one_changed_character_is_refused(data):
    token = _token(HS256, CLAIMS)
    # The last character of the signature carries two unused bits, so it may change harmlessly.
    position = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("ABCabc019-_").filter(lambda char: char != token[position]))
    assert _refused(token[:position] + other + token[position + 1 :])


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_is_refused_as_an_invalid_token(text):
    assert _refused(text)
    with pytest.raises(InvalidToken):
        signatures.read_unverified(text)


@pytest.mark.parametrize(
    "read", [lambda t: signatures.verify(t, SECRET), signatures.read_unverified]
)
@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"alg": "HS256", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"alg": "HS256", "x": ' + b"9" * 5000 + b"}",
        b'{"alg": "HS256", "b64": false}',
        b"[]",
        b"\xff",
        b"",
    ],
    ids=lambda header: repr(header[:30]),
)
def test_malformed_header_is_an_invalid_token(header, read):
    with pytest.raises(InvalidToken):
        read(_token(header, CLAIMS))


@pytest.mark.parametrize(
    "read", [lambda t: signatures.verify(t, SECRET), signatures.read_unverified]
)
@pytest.mark.parametrize(
    "claims",
    [
        b"[]",
        b"5",
        b"",
        b"\xff",
        b"{",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"iat": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda claims: repr(claims[:10]),
)
def test_claims_other_than_an_object_are_an_invalid_token(claims, read):
    with pytest.raises(InvalidToken):
        read(_token(HS256, claims))


@pytest.mark.parametrize(
    "iat",
    [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"1" + b"0" * 400, b"-1e13", b"true", b'"1"'],
)
def test_invalid_iat_is_none_and_never_fresh(iat):
    claims = signatures.verify(_token(HS256, b'{"iat": ' + iat + b"}"), SECRET)
    assert claims.issued_at is None
    assert not claims.is_fresh(10**9, now=0)


@pytest.mark.parametrize("value", [None, 5, "", [], {"a": 1}, True])
def test_mistyped_claims_are_none(value):
    names = ("api_key", "application_id", "payload_hash")
    claims = signatures.verify(_token(HS256, dict.fromkeys(names, value)), SECRET)
    assert (claims.api_key, claims.application_id, claims.payload_hash) == (None, None, None)
    assert not claims.matches(BODY)


@pytest.mark.parametrize("value", ["\ud800", "é" * 32, "0" * 64, "\x00"])
def test_invalid_payload_hash_matches_no_body(value):
    claims = signatures.verify(_token(HS256, {"payload_hash": value, "api_key": value}), SECRET)
    assert not claims.matches(BODY)


def test_hash_of_an_empty_body_differs_from_a_missing_hash():
    assert not signatures.verify(_token(HS256, {}), SECRET).matches(b"")
    assert signatures.verify(
        _token(HS256, {"payload_hash": hashlib.sha256(b"").hexdigest()}), SECRET
    ).matches(b"")


@pytest.mark.parametrize(
    ("now", "fresh"), [(1000, True), (1300, True), (700, True), (1301, False), (699, False)]
)
def test_freshness_counts_past_and_future(now, fresh):
    assert Claims(None, None, None, issued_at=1000.0).is_fresh(300, now=now) is fresh


def test_old_and_expired_tokens_are_verified():
    claims = {"iat": 1, "exp": 2, "nbf": 9999999999, "aud": "x", "sub": 5}
    assert signatures.verify(_token(HS256, claims), SECRET).issued_at == 1.0


@pytest.mark.parametrize("algorithm", ["HS256", "HS512", "RS256", "none"])
def test_unverified_claims_are_read_with_their_algorithm(algorithm):
    claims = signatures.read_unverified(_token({"alg": algorithm}, CLAIMS, secret="another"))
    assert (claims.api_key, claims.algorithm) == ("abcd1234", algorithm)


def test_errors_do_not_repeat_the_token_or_the_secret():
    token = _token(HS256, CLAIMS, secret="other")
    with pytest.raises(InvalidToken) as caught:
        signatures.verify(token, SECRET)
    assert SECRET not in str(caught.value)
    assert token[-20:] not in str(caught.value)


def test_short_secrets_do_not_warn():
    assert not _refused(signatures.sign(BODY, "x", api_key="a"), "x")
