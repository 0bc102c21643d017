"""The check against seeded workbooks: every delta is found, clean files list nothing, sums add to the cent. No database."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from finance.calc.shadow import ShadowKind
from tests.finance.shadow_scores import Score, check_case, score
from tests.finance.shadow_workbooks import (
    MONTH_STYLES,
    Case,
    Company,
    Form,
    clean_case,
    company,
    dirty_case,
    seed_deltas,
    sheet_of,
    workbook,
)

SEEDS = range(20)


@pytest.fixture(scope="module")
def base() -> Company:
    return company()


@pytest.mark.long
def test_seeded_deltas_are_found_and_little_else(base: Company, capsys: pytest.CaptureFixture[str]) -> None:
    total, by_kind = Score(), dict.fromkeys(ShadowKind, Score())
    for seed in SEEDS:
        case = dirty_case(base, seed)
        check = check_case(base, case)
        assert check.unexplained_cents == 0
        assert not check.lost and not check.faults
        total += score(base, case, check)
        for kind in ShadowKind:
            own = replace(case, seeded=[delta for delta in case.seeded if delta.kind == kind])
            by_kind[kind] += score(base, own, check)
    with capsys.disabled():
        print(f"\nshadow model, {len(SEEDS)} seeds: {total}")
        for kind, part in by_kind.items():
            if part.seeded:
                print(f"  {kind.value}: found {part.found} of {part.seeded}, named {part.named}")
    assert total.seeded > 300
    assert total.recall == 1
    assert total.precision >= 0.99
    assert total.kinds >= 0.95


@pytest.mark.parametrize("seed", (3, 5))
def test_a_workbook_of_each_form(base: Company, seed: int) -> None:
    case = dirty_case(base, seed)
    check = check_case(base, case)
    reached = score(base, case, check)
    assert reached.seeded > 10
    assert (reached.recall, reached.precision, check.unexplained_cents) == (1, 1, 0)


@pytest.mark.parametrize("seed", [seed if seed < 2 else pytest.param(seed, marks=pytest.mark.long) for seed in SEEDS])
def test_a_clean_file_lists_nothing(base: Company, seed: int) -> None:
    check = check_case(base, clean_case(base, seed))
    assert check.deltas == []
    assert check.theirs_cents - check.plan_cents == check.rounding_cents


@pytest.mark.long
@pytest.mark.parametrize("months", MONTH_STYLES)
@pytest.mark.parametrize("is_long", (False, True))
def test_months_in_every_form(base: Company, months: str, is_long: bool) -> None:
    form = Form(months=months, is_long=is_long)
    sheet = sheet_of(base, form)
    rng = np.random.default_rng(1)
    seeded = seed_deltas(sheet, form, count=4, rng=rng)
    case = Case(workbook(sheet, form, rng), sheet, form, seeded)
    assert score(base, case, check_case(base, case)).recall == 1
