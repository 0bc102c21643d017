"""Live figures: they move with an edit and with a rate before any run, and equal what the run stores afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from cycles.models import Plan
from cycles.services.imports import request_import
from cycles.services.plans import bump_revision
from cycles.services.runs import execute_run
from demand.models import Series
from finance.frames import live
from finance.models import CashMonth, CompanyMonth
from finance.selectors.live import FiguresRevision, figures_revision, stored_totals, year_totals
from tests.finance.sample_plan import Sample, land, sample_plan
from tests.small_company import ITEMS

pytestmark = pytest.mark.django_db

OPEN = 7  # months of 2014 from June on
OAK_NET = 90_00  # cents per chair: list 100 × 90 %
EDIT = 10  # chairs more in every month of one series


@pytest.fixture
def landed() -> Sample:
    for name in ("figures", "rates"):
        caches[name].clear()
    sample = sample_plan()
    land(sample)
    return sample


def edit(sample: Sample) -> None:
    """Ten oak chairs more a month in one market, as the ledger moves a series."""
    item, market = sample.company.items["CHAIR-OAK"], sample.company.markets["SOUTH/DIRECT"]
    series = Series.objects.get(plan=sample.plan, item=item, market=market)
    series.consensus = [units + EDIT * 1000 for units in series.consensus]
    series.save(update_fields=["consensus"])
    bump_revision(Plan.objects.get(pk=sample.plan.pk), ledger="demand")


def reprice(sample: Sample) -> None:
    """The oak chair at 110 instead of 100, by a real file."""
    rows = [f"{code},2012-01-01,,{110 if code == 'CHAIR-OAK' else price[1]}" for code, price in ITEMS.items()]
    content = "\n".join(["sku,valid_from,valid_to,list_price", *rows]).encode()
    run = request_import(
        dataset="price_history", file_name="prices.csv", content=content, actor=sample.cast.demand_planner
    )
    assert execute_run(run.pk).state == "succeeded"


def landing_now(sample: Sample) -> int:
    now = live.live_months(sample.plan)
    return year_totals(sample.plan, now.months, now.cash).landing


def test_every_measure_equals_what_the_run_stored(landed: Sample) -> None:
    now = live.live_months(landed.plan)
    stored = stored_totals(landed.plan)
    assert stored is not None and year_totals(landed.plan, now.months, now.cash) == stored[1]
    for rows, model in ((now.months, CompanyMonth), (now.cash, CashMonth)):
        columns = [field.attname for field in model._meta.concrete_fields if field.attname != "id"]
        kept = model.objects.filter(plan=landed.plan).order_by("month").values_list(*columns)
        assert [tuple(getattr(row, column) for column in columns) for row in rows] == list(kept)


def test_an_edit_moves_the_figures_before_any_run(landed: Sample) -> None:
    before = landing_now(landed)
    edit(landed)
    supply_lost = 5 * OAK_NET  # the supply plan no longer matches: revenue is at consensus, June's shortage is not cut
    assert landing_now(landed) - before == OPEN * EDIT * OAK_NET + supply_lost
    now = live.live_months(landed.plan)
    assert (now.is_constrained, now.cash) == (False, ())
    totals = year_totals(landed.plan, now.months, now.cash)
    assert (totals.inventory, totals.margin, totals.cost_to_serve) == (None, None, None), "they wait for a supply plan"
    assert totals.standard_margin == totals.landing - totals.cogs
    land(landed)
    stored = stored_totals(landed.plan)
    assert stored is not None and stored[1].landing == landing_now(landed)


def test_a_rate_moves_the_figures(landed: Sample) -> None:
    before = landing_now(landed)
    reprice(landed)
    chairs = (4 * 25 * OPEN - 5) * 9_00  # 10 more on the list × 90 %, all shipped oak chairs of the open months
    assert landing_now(landed) - before == chairs


@pytest.mark.parametrize("move", [edit, reprice])
def test_a_key_without_revisions_would_show_old_figures(
    landed: Sample, move: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = figures_revision(landed.plan)
    monkeypatch.setattr(live, "figures_revision", lambda plan: fixed)
    before = landing_now(landed)
    move(landed)  # type: ignore[operator]
    assert landing_now(landed) == before, "the control: what never moves its key never moves its figures"
    monkeypatch.undo()
    assert landing_now(landed) != before


def test_rates_kept_from_before_a_file_would_show_old_prices(landed: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    before, old = landing_now(landed), figures_revision(landed.plan).rates
    reprice(landed)
    monkeypatch.setattr(live, "figures_revision", lambda plan: replace(figures_revision(plan), rates=old))
    assert landing_now(landed) == before
    monkeypatch.undo()
    assert landing_now(landed) != before


def test_a_setting_and_a_file_move_the_rates_revision_by_themselves(landed: Sample) -> None:
    seen = [figures_revision(landed.plan).rates]
    company = landed.company.company
    company.dso_days += 15
    company.save(update_fields=["dso_days"])
    seen.append(figures_revision(landed.plan).rates)
    reprice(landed)
    Plan.objects.filter(pk=landed.plan.pk).update(rates_revision=0, revision=0, demand_revision=0)
    seen.append(figures_revision(landed.plan).rates)
    assert len(set(seen)) == len(seen), "also when the plan itself did not count it"


def test_figures_are_kept_until_something_moves(landed: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    real = live.compute_live

    def counted(plan: Plan, revision: FiguresRevision) -> live.MemoryLanding:
        computed.append(revision.plan)
        return real(plan, revision)

    monkeypatch.setattr(live, "compute_live", counted)
    landing_now(landed)
    landing_now(landed)
    assert computed == [landed.plan.revision]
    edit(landed)
    landing_now(landed)
    assert computed == [landed.plan.revision, landed.plan.revision + 1]


def test_figures_that_an_edit_overtook_are_computed_again(landed: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    real = live.compute_live
    overtaken = iter([edit])

    def slow(plan: Plan, revision: FiguresRevision) -> live.MemoryLanding:
        found = real(plan, revision)
        for act in overtaken:
            act(landed)
        return found

    before = landing_now(landed)
    for name in ("figures", "rates"):
        caches[name].clear()
    monkeypatch.setattr(live, "compute_live", slow)
    now = live.live_months(landed.plan)
    assert now.revision.plan == landed.plan.revision + 1
    assert year_totals(landed.plan, now.months, now.cash).landing > before


def test_the_part_on_the_page(landed: Sample) -> None:
    client = Client()
    client.force_login(landed.cast.viewer)
    at = reverse("finance:live", args=["2014-06"])
    quiet = client.get(at)
    assert not quiet.context["is_behind"] and 'hx-trigger="edited from:body' in quiet.content.decode()
    edit(landed)
    moved = client.get(at)
    row = next(row for row in moved.context["rows"] if row.key == "finance_landing")
    assert row.moved == OPEN * EDIT * OAK_NET + 5 * OAK_NET
    assert 'id="live-headline" hx-swap-oob="true"' in moved.content.decode()
    for page in ("reconciliation", "executive", "cash"):
        html = client.get(reverse(f"finance:{page}", args=["2014-06"])).content.decode()
        assert 'id="live-headline"' in html and f'hx-get="{at}"' in html
    year = client.get(reverse("finance:cash", args=["2014-06"]), {"by": "year"})
    assert year.context["shown"].now.revision.plan == landed.plan.revision + 1
    assert year.context["statement"].line("revenue").figures[0].amount == moved.context["year_now"].landing
    assert Client().get(at).status_code == 302 and client.post(at).status_code == 405
    stranger = Client()
    stranger.force_login(landed.cast.outsider)
    assert stranger.get(at).status_code == 404
