"""Hostile Authorization headers with the expected result of their verification."""

import base64
import functools
import hashlib
import hmac
import json
import random
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SECRETS = ["the secret of the fuzzed account", "the new secret of the fuzzed account"]
OTHER_SECRET = "the secret of the other account there"
API_KEY, OTHER_KEY, STRANGER = "fuzzkey", "otherkey", "a-stranger"
HEADER = {"typ": "JWT", "alg": "HS256"}

Token = tuple[str, bool | None]
"""A header, and whether it verifies the body; None means that both results are allowed."""


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def make(header: Any, claims: bytes, secret: str, digest: str = "sha256") -> str:
    signed = f"{encode(_json(header))}.{encode(claims)}"
    return f"{signed}.{encode(hmac.digest(secret.encode(), signed.encode(), digest))}"


def claims_of(rng: random.Random, body: bytes, **changes: Any) -> dict[str, Any]:
    all_claims = {
        "iat": rng.choice([1, 1767276000, 2**40]),
        "jti": "a-token",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": API_KEY,
        **changes,
    }
    return {name: value for name, value in all_claims.items() if value is not None}


def good(rng: random.Random, body: bytes) -> Token:
    secret = rng.choice([*SECRETS, *SECRETS, OTHER_SECRET])
    return "Bearer " + make(HEADER, _json(claims_of(rng, body)), secret), True


def good_with_odd_claims(rng: random.Random, body: bytes) -> Token:
    """Return a valid token: the owner of a secret may claim anything but another body's hash."""
    names = ["iat", "exp", "nbf", "aud", "iss", "sub", "jti", "api_key", "application_id", "x"]
    odd = [None, True, [], {}, "", "\x00", "\ud800", -1, 1e308, 2**70, "0", [[{}]], 10**400]
    changes = {rng.choice(names): rng.choice(odd) for _ in range(rng.randrange(1, 5))}
    claims = _json(claims_of(rng, body, **changes))
    return "Bearer " + make(HEADER, claims, rng.choice(SECRETS)), True


def odd_header(rng: random.Random, body: bytes) -> Token:
    """Return a token with header extensions, which may be refused but must have no effect."""
    extra = rng.choice(
        [
            {"crit": ["exp"]},
            {"b64": False},
            {"b64": False, "crit": ["b64"]},
            {"kid": 7},
            {"kid": "../../dev/null"},
            {"jku": "http://127.0.0.1:1/"},
            {"jwk": {"k": "AAAA"}},
            {"typ": None},
            {"zip": "DEF"},
            {"x": 10**400},
            {"cty": "\ud800"},
            {"x": "\x00" * 9},
        ]
    )
    claims = _json(claims_of(rng, body))
    return "Bearer " + make(HEADER | extra, claims, rng.choice(SECRETS)), None


def wrong_algorithm(rng: random.Random, body: bytes) -> Token:
    claims = _json(claims_of(rng, body))
    secret = rng.choice(SECRETS)
    kind = rng.randrange(4)
    if kind == 0:
        name = rng.choice(["none", "None", "NONE", "nOnE", "", None, 0, [], {}, ["HS256"], True])
        unsigned = f"{encode(_json({'typ': 'JWT', 'alg': name}))}.{encode(claims)}."
        signature = make(HEADER, claims, secret).rpartition(".")[2]
        return f"Bearer {unsigned}{rng.choice(['', signature, 'AAAA'])}", False
    if kind == 1:
        name, digest = rng.choice([("HS384", "sha384"), ("HS512", "sha512"), ("HS512", "sha256")])
        return "Bearer " + make({"alg": name}, claims, secret, digest), False
    if kind == 2:
        name = rng.choice(["RS256", "PS256", "ES256", "EdDSA", "HS256 ", "hs256", "HS1", "A" * 999])
        return "Bearer " + make({"alg": name}, claims, secret), False
    return confused_keys(rng, claims), False


def confused_keys(rng: random.Random, claims: bytes) -> str:
    """Return a token signed with a public key as the secret, or with an attacker's key pair."""
    key, pem = key_pair()
    if rng.random() < 0.5:
        return "Bearer " + make(HEADER, claims, pem)
    signed = f"{encode(_json({'alg': 'RS256', 'jwk': {'kty': 'RSA'}}))}.{encode(claims)}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"Bearer {signed}.{encode(signature)}"


@functools.cache
def key_pair() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key, pem.decode()


def wrong_hash(rng: random.Random, body: bytes) -> Token:
    right = hashlib.sha256(body).hexdigest()
    hashed = rng.choice(
        [
            None,
            "",
            right[:-1],
            right + "0",
            right.upper() + " ",
            f" {right}",
            "0" * 64,
            hashlib.sha256(body + b" ").hexdigest(),
            hashlib.sha512(body).hexdigest(),
            [right],
            {"sha256": right},
            0,
            True,
            "\ud800",
            "é" * 64,
            hashlib.md5(body).hexdigest(),
        ]
    )
    claims = _json(claims_of(rng, body, payload_hash=hashed))
    return "Bearer " + make(HEADER, claims, rng.choice(SECRETS)), False


def wrong_secret(rng: random.Random, body: bytes) -> Token:
    key = rng.choice([API_KEY, OTHER_KEY, STRANGER, None, "", 7, "\x00"])
    claims = _json(claims_of(rng, body, api_key=key))
    wrong = rng.choice(
        ["", "\x00", "secret", SECRETS[0][:-1], SECRETS[0] + " ", SECRETS[0].upper()]
    )
    return "Bearer " + make(HEADER, claims, wrong), False


def unreadable_claims(rng: random.Random, body: bytes) -> Token:
    depth = rng.choice([50, 1200, 30_000])
    claims = rng.choice(
        [
            b"",
            b"[]",
            b"null",
            b"7",
            b'"x"',
            b"{",
            b"\xff\xfe",
            b"[" * depth + b"]" * depth,
            b'{"payload_hash":' + b"9" * 5000 + b"}",
            b'{"iat":1e999}',
            b'{"iat":NaN}',
            b'{"a":' * depth + b"1" + b"}" * depth,
            rng.randbytes(40),
        ]
    )
    return "Bearer " + make(HEADER, claims, rng.choice(SECRETS)), False


def damaged(rng: random.Random, body: bytes) -> Token:
    """Return a valid token with one edit; it is still valid only if its meaning is unchanged."""
    right = make(HEADER, _json(claims_of(rng, body)), rng.choice(SECRETS))
    place = rng.randrange(len(right))
    edit = rng.choice(["", ".", "A", "-", "=", "\x00", " ", "é", "/", "\n", "AAAA", right])
    token = right[:place] + edit + right[place + rng.randrange(3) :]
    return f"Bearer {token}", _is_equivalent(token.strip(), right)


def _is_equivalent(token: str, right: str) -> bool | None:
    """Compare two tokens; base64 has several spellings of a signature, and some are accepted."""
    (start, _, signature), (right_start, _, right_signature) = (
        text.rpartition(".") for text in (token, right)
    )
    if token == right:
        return True
    same = start == right_start and _decoded(signature) == _decoded(right_signature)
    return None if same else False


def _decoded(signature: str) -> bytes | None:
    try:
        data = signature.encode()
        return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    except ValueError:
        return None


def garbage(rng: random.Random, body: bytes) -> Token:
    right = make(HEADER, _json(claims_of(rng, body)), SECRETS[0])
    text = rng.choice(
        [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Basic eHg6eHg=",
            "Digest x",
            "bearer.",
            "...",
            "Bearer .",
            "Bearer ..",
            "Bearer a.b.c",
            "Bearer " + "." * 5000,
            "Bearer " + "A" * 100_000,
            "Bearer " + "".join(chr(rng.randrange(256)) for _ in range(80)),
            f"Token {right}",
            right,
            f"Bearer{right}",
            f"Bearer {right}.{right}",
            f"Basic {right}",
            "Bearer null",
            f"Bearer {right.rpartition('.')[0]}.",
            f"Bearer {right.partition('.')[2]}",
        ]
    )
    return text, False


def odd_spaces(rng: random.Random, body: bytes) -> Token:
    right = make(HEADER, _json(claims_of(rng, body)), rng.choice(SECRETS))
    form = rng.choice(["bearer {}", "BEARER {}", "Bearer  {}", "Bearer {} ", " Bearer {}"])
    return form.format(right), None


KINDS = {
    good: 40,
    good_with_odd_claims: 8,
    odd_header: 3,
    wrong_algorithm: 12,
    wrong_hash: 8,
    wrong_secret: 9,
    unreadable_claims: 5,
    damaged: 8,
    garbage: 5,
    odd_spaces: 2,
}


def authorization(rng: random.Random, body: bytes) -> Token:
    kind = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    return kind(rng, body)
