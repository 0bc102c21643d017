"""Canonical text and digests of what was approved: the same content gives the same bytes, for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FIELD_DIGEST_LENGTH = 16


def canonical(value: Any) -> str:
    """Return JSON with sorted keys and no spaces; integers, text, booleans, None, lists and mappings only.

    Raises:
        TypeError: a float or another type, whose text could differ between machines.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r}: a snapshot keeps integers and text, never floats")
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for kind in {type(part) for part in value} - {int, str, bool, type(None)}:
        for part in value:
            if isinstance(part, kind):
                _refuse_floats(part)


def field_digest(value: Any) -> str:
    """Return a short digest of one field, to name what changed; the row's digest is the proof."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:FIELD_DIGEST_LENGTH]


def row_digest(section: str, key: Sequence[str], fields: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) over section, key and every field of a row."""
    return hashlib.sha256(canonical([section, list(key), dict(fields)]).encode()).hexdigest()


def root_of(digests: Iterable[str], header: Mapping[str, Any], previous_root: str) -> str:
    """Return the SHA-256 (hex) over header, previous root and the row digests in their order."""
    whole = hashlib.sha256(canonical({"header": dict(header), "previous_root": previous_root}).encode())
    for digest in digests:
        whole.update(b"\n")
        whole.update(digest.encode())
    return whole.hexdigest()


def changed_fields(fields: Mapping[str, Any], digests: Mapping[str, str]) -> list[str]:
    """Return the names of fields that do not fit their digest, are new or are gone, sorted."""
    now = {name: field_digest(value) for name, value in fields.items()}
    return sorted(name for name in {*now, *digests} if now.get(name) != digests.get(name))
