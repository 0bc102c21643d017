"""The cycle's own gates on the data stage: each passes and blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone

from catalog.models import ImportBatch, ReferenceRow
from catalog.registry import datasets
from cycles import gates, registry
from cycles.models import Plan
from cycles.selectors import budget_totals
from cycles.services.cycles import open_cycle
from tests.cast import make_cast
from tests.cycles.stand_ins import alone
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def plan() -> Plan:
    small_company()
    return open_cycle(month=date(2013, 11, 1), actor=make_cast().demand_planner)


def applied(dataset: str, totals: dict[str, str] | None = None) -> None:
    """A batch as an import leaves it."""
    ImportBatch.objects.create(
        dataset=dataset,
        file_name=f"{dataset}.csv",
        sha256="0" * 64,
        size_bytes=1,
        content=b"",
        status=ImportBatch.Status.APPLIED,
        totals=totals or {},
        applied_at=timezone.now(),
    )


def test_every_mandatory_dataset_has_to_be_loaded(plan: Plan) -> None:
    mandatory = [dataset.name for dataset in datasets() if dataset.mandatory]
    assert {finding.subject for finding in gates.datasets_loaded(plan)} == set(mandatory)
    assert not any(finding.waivable for finding in gates.datasets_loaded(plan))
    for name in mandatory:
        applied(name)
    assert list(gates.datasets_loaded(plan)) == []


def test_control_totals_tie_until_a_row_is_lost(plan: Plan) -> None:
    totals = budget_totals()
    assert totals
    applied("budget", {**totals, "basis": "not compared"})
    assert list(gates.control_totals_tie(plan)) == []
    ReferenceRow.objects.earliest("pk").delete()
    (finding,) = gates.control_totals_tie(plan)
    assert (finding.severity, finding.waivable) == ("block", False)


def test_the_later_file_states_the_total(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_control_totals", {"sales": lambda: {"units": "7", "rows": "1"}})
    applied("sales", {"units": "5"})
    assert len(list(gates.control_totals_tie(plan))) == 1
    applied("sales", {"units": "7"})
    assert list(gates.control_totals_tie(plan)) == []
