"""Bringing a table to a file: counted exactly, idempotent, with and without removal."""

from __future__ import annotations

import pytest

from catalog.models import Channel
from catalog.registry import Difference
from catalog.services.table_rows import merge_rows, replace_rows

pytestmark = pytest.mark.django_db

THREE = [{"code": code, "name": code.lower()} for code in ("A", "B", "C")]
OTHER = [{"code": "B", "name": "changed"}, {"code": "C", "name": "c"}, {"code": "D", "name": "d"}]


def names() -> dict[str, str]:
    return dict(Channel.objects.values_list("code", "name"))


def test_replace_adds_changes_removes() -> None:
    assert replace_rows(Channel.objects.all(), key=["code"], rows=THREE) == Difference(added=3)
    kept = Channel.objects.get(code="B").id
    assert replace_rows(Channel.objects.all(), key=["code"], rows=OTHER) == Difference(1, 1, 1, 1)
    assert names() == {"B": "changed", "C": "c", "D": "d"}
    assert Channel.objects.get(code="B").id == kept, "a changed row keeps its key"
    assert replace_rows(Channel.objects.all(), key=["code"], rows=OTHER) == Difference(unchanged=3)


def test_merge_keeps_what_the_file_does_not_name() -> None:
    merge_rows(Channel.objects.all(), key=["code"], rows=THREE)
    assert merge_rows(Channel.objects.all(), key=["code"], rows=OTHER) == Difference(1, 1, 0, 1)
    assert sorted(names()) == ["A", "B", "C", "D"]


def test_replace_by_nothing_empties_only_the_part_it_speaks_for() -> None:
    merge_rows(Channel.objects.all(), key=["code"], rows=THREE)
    assert replace_rows(Channel.objects.filter(code="A"), key=["code"], rows=[]) == Difference(removed=1)
    assert sorted(names()) == ["B", "C"]
    assert merge_rows(Channel.objects.all(), key=["code"], rows=[]) == Difference()


def test_queries_do_not_grow_with_rows(django_assert_max_num_queries) -> None:
    merge_rows(Channel.objects.all(), key=["code"], rows=THREE)
    with django_assert_max_num_queries(10):
        replace_rows(Channel.objects.all(), key=["code"], rows=[{"code": f"{n}", "name": "n"} for n in range(500)])
