"""Canonical text and digests: same content same root; any change names its field."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cycles.calc.canonical import canonical, changed_fields, field_digest, root_of, row_digest

VALUES = st.none() | st.integers(-(2**62), 2**62) | st.text() | st.lists(st.integers(-(2**62), 2**62))
FIELDS = st.dictionaries(st.text(min_size=1), VALUES, min_size=1, max_size=6)


def test_the_digest_is_plain_sha256_of_plain_json() -> None:
    text = '["demand",["BK-1","US"],{"units":[1,-2],"uom":"EA"}]'
    assert row_digest("demand", ("BK-1", "US"), {"units": [1, -2], "uom": "EA"}) == (
        hashlib.sha256(text.encode()).hexdigest()
    )


def test_the_root_covers_header_previous_root_digests_and_their_order() -> None:
    root = root_of(["a", "b"], {"plan": "2013-11"}, "00")
    assert root == hashlib.sha256(b'{"header":{"plan":"2013-11"},"previous_root":"00"}\na\nb').hexdigest()
    others = [
        root_of(["b", "a"], {"plan": "2013-11"}, "00"),
        root_of(["a"], {"plan": "2013-11"}, "00"),
        root_of(["a", "b"], {"plan": "2013-12"}, "00"),
        root_of(["a", "b"], {"plan": "2013-11"}, "01"),
    ]
    assert len({root, *others}) == 5


@given(FIELDS)
def test_a_round_trip_through_the_database_changes_no_digest(fields: dict[str, object]) -> None:
    stored = json.loads(json.dumps(fields))
    assert row_digest("s", ("k",), stored) == row_digest("s", ("k",), fields)


@given(FIELDS, st.data())
def test_a_changed_field_is_named_and_only_it(fields: dict[str, object], data: st.DataObject) -> None:
    digests = {name: field_digest(value) for name, value in fields.items()}
    assert changed_fields(fields, digests) == []
    name = data.draw(st.sampled_from(sorted(fields)))
    other = data.draw(VALUES.filter(lambda value: canonical(value) != canonical(fields[name])))
    assert changed_fields({**fields, name: other}, digests) == [name]
    assert row_digest("s", ("k",), {**fields, name: other}) != row_digest("s", ("k",), fields)


def test_added_and_removed_fields_are_named() -> None:
    digests = {"a": field_digest(1), "b": field_digest(2)}
    assert changed_fields({"b": 2, "c": 3}, digests) == ["a", "c"]


@pytest.mark.parametrize("value", [1.5, [1, 2.0], {"a": [None, 0.1]}, float("nan")])
def test_floats_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="never floats"):
        canonical(value)
