"""SHA-256 keys: uniqueness of text that no database's collation can fold."""

import hashlib
import json


def key_of(*parts: str | None) -> str:
    """Return 64 hex digits that identify this sequence of texts, and no other sequence."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
