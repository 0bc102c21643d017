"""A registry that never skips silently: duplicates and nonsense stop the start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from catalog import registry
from catalog.registry import Column, Dataset, Difference


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_datasets", "_references", "_history_probes"):
        monkeypatch.setattr(registry, name, {})


THINGS = Dataset(
    name="things",
    title="Things",
    file_name="things.csv",
    app="catalog",
    order=5,
    columns=(
        Column("parent", "text", references="item", id_name="parent_id"),
        Column("child", "text", references="item"),
    ),
    key=("parent", "child"),
    duplicates="refuse",
    mandatory=False,
    grain="a thing",
    apply=lambda rows, batch: Difference(),
)


def test_order_and_lookup() -> None:
    registry.register_dataset(THINGS)
    registry.register_dataset(replace(THINGS, name="first", file_name="first.csv", order=1))
    assert [dataset.name for dataset in registry.datasets()] == ["first", "things"]
    assert registry.dataset_named("things") is THINGS
    with pytest.raises(LookupError):
        registry.dataset_named("nothing")
    assert [column.id_column for column in THINGS.columns] == ["parent_id", "item_id"]


@pytest.mark.parametrize(
    "broken",
    [
        THINGS,
        replace(THINGS, name="other"),
        replace(THINGS, name="other", file_name="o.csv", key=()),
        replace(THINGS, name="other", file_name="o.csv", key=("missing",)),
        replace(THINGS, name="other", file_name="o.csv", columns=(THINGS.columns[1], THINGS.columns[1])),
        replace(THINGS, name="other", file_name="o.csv", key=("x",), columns=(Column("x", "colour"),)),
    ],
)
def test_nonsense_stops_the_start(broken: Dataset) -> None:
    registry.register_dataset(THINGS)
    with pytest.raises(ImproperlyConfigured):
        registry.register_dataset(broken)


def test_references_and_probes_are_unique_and_known() -> None:
    registry.register_reference("item", lambda: {"A": 1})
    registry.register_history_probe("sales", lambda: {1})
    registry.register_history_probe("stock", lambda: {2})
    assert registry.reference_keys("item") == {"A": 1}
    assert registry.items_with_history() == {1, 2}
    for again in (registry.register_reference, registry.register_history_probe):
        with pytest.raises(ImproperlyConfigured):
            again("item" if again is registry.register_reference else "sales", dict)
    with pytest.raises(ImproperlyConfigured):
        registry.reference_keys("moon")
