"""Assumptions against stored actuals: held, broken, not yet known, restated; each figure derived by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from catalog.models import FxRate
from catalog.services.company import ensure_currency
from cycles import gates
from cycles.models import AssumptionCheck, Run
from cycles.registry.metrics import MetricScope, metric_named
from cycles.services.assumptions import Measure, Statement, confirm_assumption, record_assumption
from cycles.services.holding import request_checks
from cycles.services.runs import execute_run
from demand.models import ActualSeries
from tests.demand.scene import Scene, make_scene, sell
from tests.small_company import HISTORY_START

pytestmark = pytest.mark.django_db
DECEMBER = date(2013, 12, 1)
JANUARY = date(2014, 1, 1)
# History starts in January 2012; the 24th month is December 2013. One sale price: 10 USD a unit.
EARLIER = [4] * 23
SOLD = {("CHAIR-OAK", "NORTH/DIRECT"): [*EARLIER, 30], ("LAMP-DESK", "SOUTH/DEALER"): [*EARLIER, 12]}
EVERYWHERE = MetricScope()


@pytest.fixture
def scene(settings: object) -> Scene:
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    made = make_scene()
    sell(made.company, SOLD)
    return made


def say(scene: Scene, expected: str, tolerance: str = "5", **other: object):
    measure = {
        "metric": "demand.units", "first_month": DECEMBER, "last_month": DECEMBER,
        "expected": Decimal(expected), "tolerance": Decimal(tolerance), **other,
    }  # fmt: skip
    statement = Statement("units", "December is as usual.", measure=Measure(**measure))  # type: ignore[arg-type]
    return record_assumption(plan=scene.plan, statement=statement, actor=scene.cast.demand_planner)


def check(scene: Scene) -> AssumptionCheck:
    run = request_checks(plan=scene.plan, actor=scene.cast.finance)
    assert run is not None
    assert execute_run(run.pk).state == "succeeded"
    return AssumptionCheck.objects.latest("id")


def restate(units: int) -> None:
    series = ActualSeries.objects.get(item__code="CHAIR-OAK")
    series.units[-1] = units * 1000
    series.net_cents[-1] = units * 1000  # 10 USD a unit, in cents
    series.save()


def test_a_closed_month_within_the_tolerance_holds(scene: Scene) -> None:
    say(scene, "40")
    made = check(scene)
    # 30 + 12 sold, 5 % of 40 allowed is 2
    assert (made.verdict, made.actual, made.deviation, made.allowed) == ("held", 42, 42 - 40, Decimal(40) * 5 / 100)
    assert list(gates.assumptions_held(scene.plan)) == []


def test_a_broken_one_blocks_the_demand_stage_with_its_dollars_until_somebody_answers(scene: Scene) -> None:
    stated = say(scene, "50", family_id=scene.company.families["CHAIRS"].pk)
    waiting = [finding.subject for finding in gates.assumptions_held(scene.plan)]
    assert waiting == ["actuals"]  # the comparison was asked for with the statement and has not run
    assert check(scene).verdict == "broken"
    (found,) = gates.assumptions_held(scene.plan)
    assert (found.severity, found.subject) == ("block", "units")
    assert found.money_cents == (30 - 50) * 10 * 100  # twenty chairs too few at 10 USD
    assert found.title == "Broken: December is as usual. Expected 50 units, it was 30."
    confirm_assumption(assumption_id=stated.pk, actor=scene.cast.demand_planner)
    assert list(gates.assumptions_held(scene.plan)) == []


def test_an_open_month_is_not_yet_known(scene: Scene) -> None:
    say(scene, "40", first_month=JANUARY, last_month=JANUARY)
    assert request_checks(plan=scene.plan, actor=scene.cast.finance) is None
    assert not AssumptionCheck.objects.exists()
    assert list(gates.assumptions_held(scene.plan)) == []


def test_a_restatement_adds_a_row_and_the_same_again_adds_none(scene: Scene) -> None:
    say(scene, "40")
    first = check(scene)
    assert check(scene) == first  # the same inputs give the same run
    restate(8)
    Run.objects.all().delete()
    second = check(scene)
    assert (first.verdict, second.verdict, second.actual) == ("held", "broken", 8 + 12)
    assert AssumptionCheck.objects.count() == 2
    Run.objects.all().delete()
    assert check(scene) == second


@pytest.mark.parametrize(
    ("metric", "place", "expected"),
    [
        ("demand.units", lambda made: MetricScope(), 30 + 12),
        ("demand.units", lambda made: MetricScope(market_id=made.company.markets["SOUTH/DEALER"].pk), 12),
        ("demand.net_sales", lambda made: MetricScope(family_id=made.company.families["CHAIRS"].pk), 30 * 10),
        ("demand.net_price", lambda made: MetricScope(), 10),
        ("demand.discount", lambda made: MetricScope(), 0),  # the scene sells at list
        ("demand.price_change", lambda made: MetricScope(), 0),  # one price in both years
        ("finance.gross_margin", lambda made: MetricScope(), 50),  # COGS is half of what customers paid
    ],
)
def test_what_sales_answer(scene: Scene, metric: str, place: Callable[[Scene], MetricScope], expected: int) -> None:
    assert metric_named(metric).read(DECEMBER, DECEMBER, place(scene)).value == expected


def test_nothing_is_answered_while_a_month_is_not_loaded(scene: Scene) -> None:
    for metric in ("demand.units", "demand.price_change", "finance.gross_margin", "finance.dso", "supply.scrap"):
        assert metric_named(metric).read(DECEMBER, JANUARY, EVERYWHERE).value is None


def test_an_exchange_rate_is_the_mean_of_its_months_and_priced_by_the_sales_in_it(scene: Scene) -> None:
    ensure_currency("EUR")
    scope, november = MetricScope(currency="EUR"), date(2013, 11, 1)
    for month, rate in ((november, "1.30"), (DECEMBER, "1.40")):
        FxRate.objects.create(currency_id="EUR", month=month, kind="actual", rate=Decimal(rate))
    scene.company.regions["SOUTH"].currency_id = "EUR"
    scene.company.regions["SOUTH"].save()
    metric = metric_named("demand.fx_rate")
    assert metric.read(november, DECEMBER, scope).value == (Decimal("1.30") + Decimal("1.40")) / 2
    assert metric.read(date(2013, 10, 1), DECEMBER, scope).value is None
    # 12 lamps sold in the South for 120 USD in December: 0.14 of 1.40 is a tenth of it
    assert metric.money is not None
    assert metric.money(Decimal("0.14"), DECEMBER, DECEMBER, scope) == 12 * 10 * 100 // 10


def test_history_starts_where_the_scene_says() -> None:
    assert (DECEMBER.year - HISTORY_START.year) * 12 + DECEMBER.month - HISTORY_START.month + 1 == len(EARLIER) + 1
