"""The fixture that every app uses is what its docstring says."""

from __future__ import annotations

import pytest

from catalog.models import ReferenceRow
from tests.small_company import BUDGET, small_company


@pytest.mark.django_db
def test_shape_and_totals() -> None:
    made = small_company()
    assert (len(made.families), len(made.items), len(made.regions), len(made.markets)) == (2, 4, 2, 4)
    assert ReferenceRow.objects.count() == 2 * 4 * 12
    assert made.budget.revenue_cents == 4 * 12 * sum(revenue for _, revenue, _ in BUDGET.values()) * 100
