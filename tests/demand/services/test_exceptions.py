"""Exceptions of a plan: found with their dollars, asked above the amount, answered in three ways, asked anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from catalog.models import ListPrice
from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Comment, Cycle, Notification, Plan
from cycles.services.conversations import Words
from demand.duties import exception_duties
from demand.gates import exceptions_answered
from demand.models import ExceptionAnswer, ExceptionKind, SegmentForecast, Series
from demand.services import exception_found
from demand.services.cycle_changes import cycle_changes
from demand.services.exception_entry import DemandException, ExceptionState
from demand.services.exception_list import exceptions_of, open_exceptions
from demand.services.exception_queue import Wanted, queue_of
from demand.services.exceptions import answer_exception, answer_exceptions, ask_about_exception, promise_change
from demand.services.ledger import undo_edit
from tests.demand.scene import BASELINE, FIRST, HORIZON, Scene, make_scene, one, sell

pytestmark = pytest.mark.django_db
OAK, PINE, LAMP = "CHAIR-OAK", "CHAIR-PINE", "LAMP-DESK"
NORTH, SOUTH, DEALER = "NORTH/DIRECT", "SOUTH/DIRECT", "NORTH/DEALER"
PRICE = {OAK: 100_00, PINE: 80_00, LAMP: 40_00}


@pytest.fixture
def scene() -> Scene:
    """The year behind was sold as the year ahead is planned, at list price; chairs in the north lie in a band of ± 20."""
    made = make_scene()
    sold = {(item, market): [units] * 24 for item, markets in BASELINE.items() for market, units in markets.items()}
    sell(made.company, sold, price={item: cents // 100 for item, cents in PRICE.items()})
    band(made, "CHAIRS", NORTH, 90)
    made.company.company.exception_amount_cents = 1_000_00
    made.company.company.save()
    return made


def band(scene: Scene, family: str, market: str, points: int) -> None:
    SegmentForecast.objects.create(
        plan=scene.plan, family=scene.company.families[family], market=scene.company.markets[market],
        model="AutoETS", windows=2, wmape=0.1, bias=0.0, naive_wmape=0.2, tracking_signal=0.0,
        points=[points * 1000] * HORIZON, low=[(points - 20) * 1000] * HORIZON, high=[(points + 20) * 1000] * HORIZON,
    )  # fmt: skip


def of(scene: Scene, kind: ExceptionKind) -> list[DemandException]:
    scene.plan.refresh_from_db()
    return [found for found in exceptions_of(scene.plan) if found.kind == kind]


def last_cycle(scene: Scene, units: dict[tuple[str, str], int]) -> None:
    """An approved plan of December 2013 whose months from January on held these units."""
    cycle = Cycle.objects.create(month=date(2013, 12, 1), opened_by=scene.cast.demand_planner)
    before = Plan.objects.create(cycle=cycle, number="2013-12", first_month=date(2013, 12, 1), horizon=HORIZON + 1)
    for (item, market), value in units.items():
        row = [value * 1000] * (HORIZON + 1)
        Series.objects.create(
            plan=before,
            item=scene.company.items[item],
            market=scene.company.markets[market],
            baseline=row,
            consensus=row,
        )
    scene.plan.previous = before
    scene.plan.save()


def test_outside_the_band_with_the_dollars_that_moved(scene: Scene) -> None:
    """Oak goes from 30 to 60: chairs 120 against a band of 70 … 110; 30 × 100.00 lie beyond the baseline."""
    assert exceptions_of(scene.plan) == []
    scene.edit(one(scene.node(item=OAK, market=NORTH), 60_000))
    (found,) = of(scene, ExceptionKind.OUTSIDE_BAND)
    assert (found.money_cents, found.spot.lead, found.months) == (30 * PRICE[OAK], OAK, (FIRST,))
    assert found.is_asked and "120" in found.why and "70 to 110" in found.why


def test_changed_since_the_last_cycle_and_zero_after_sales(scene: Scene) -> None:
    """North: oak 30 after 20, pine 60 as before: 90 after 80 is +12.5 % and passes; south: 10 after 30."""
    last_cycle(scene, {(OAK, NORTH): 20, (PINE, NORTH): 60, (OAK, SOUTH): 30, (LAMP, DEALER): 7})
    (south,) = of(scene, ExceptionKind.CYCLE_CHANGE)
    assert south.subject == f"CHAIRS · {SOUTH}" and south.money_cents == (10 - 30) * HORIZON * PRICE[OAK]
    scene.edit(one(scene.node(item=LAMP, market=DEALER), 0, FIRST + 1, FIRST + 2))
    (zero,) = of(scene, ExceptionKind.ZERO_AFTER_SALES)
    assert (zero.subject, zero.months) == (f"{LAMP} · {DEALER}", (FIRST + 1, FIRST + 2))
    assert zero.money_cents == -2 * 7 * PRICE[LAMP] and not zero.is_asked


def test_bias_comes_from_earlier_plans_once_there_are_four(scene: Scene) -> None:
    """August to December 2013 were planned 12 lamps each and sold 7: bias 5/7 of the 84 × 40.00 ahead."""
    for month in range(8, 13):
        cycle = Cycle.objects.create(month=date(2013, month, 1), opened_by=scene.cast.demand_planner)
        old = Plan.objects.create(cycle=cycle, number=f"2013-{month:02}", first_month=cycle.month, horizon=HORIZON)
        row = [12_000] * HORIZON
        Series.objects.create(
            plan=old, item=scene.company.items[LAMP], market=scene.company.markets[DEALER], baseline=row, consensus=row
        )
    found = {one.subject: one for one in of(scene, ExceptionKind.BIAS)}
    assert found[f"LAMPS · {DEALER}"].money_cents == 5 * HORIZON * PRICE[LAMP]
    assert "71% above" in found[f"LAMPS · {DEALER}"].why


def test_what_has_no_price_is_said_and_always_asked(scene: Scene) -> None:
    ListPrice.objects.filter(item=scene.company.items[LAMP]).delete()
    band(scene, "LAMPS", DEALER, 7)
    scene.edit(one(scene.node(item=LAMP, market=DEALER), 40_000))
    (found,) = of(scene, ExceptionKind.OUTSIDE_BAND)
    assert found.stake.whole_cents is None and found.stake.unpriced_milli == (40 - 7) * 1000 and found.is_asked
    answer_exception(
        plan=scene.plan, code=found.code, subject=found.subject, reason="A sample", actor=scene.cast.demand_planner
    )
    assert open_exceptions(scene.plan) == []


def test_the_gate_asks_exactly_what_is_above_the_amount_and_an_answer_holds_until_it_grows(scene: Scene) -> None:
    """Two exceptions; 70 chairs × 100.00 above the amount. Then 10 % more holds, more than that is asked anew."""
    scene.edit(one(scene.node(item=OAK, market=NORTH), 100_000))
    scene.edit(one(scene.node(item=LAMP, market=DEALER), 0))
    assert len(exceptions_of(scene.plan)) == 2
    (finding,) = exceptions_answered(scene.plan)
    assert finding.severity == "block" and finding.money_cents == 70 * PRICE[OAK] and not finding.waivable
    with pytest.raises(ReasonMissing):
        answer_exceptions(plan=scene.plan, reason=" ", actor=scene.cast.demand_planner)
    (answer,) = answer_exceptions(plan=scene.plan, reason="Tender", actor=scene.cast.demand_planner)
    assert list(exceptions_answered(scene.plan)) == [] and answer.money_cents == 70 * PRICE[OAK]
    scene.edit(one(scene.node(item=OAK, market=NORTH), 107_000))
    assert list(exceptions_answered(scene.plan)) == []
    scene.edit(one(scene.node(item=OAK, market=NORTH), 108_000))
    (again,) = of(scene, ExceptionKind.OUTSIDE_BAND)
    assert again.state == ExceptionState.OPEN and again.answer == answer
    scene.edit(one(scene.node(item=OAK, market=NORTH), 0), one(scene.node(item=PINE, market=NORTH), 0))
    (below,) = of(scene, ExceptionKind.OUTSIDE_BAND)
    assert below.state == ExceptionState.OPEN and below.money_cents == -30 * PRICE[OAK] - 60 * PRICE[PINE]


def test_a_promised_change_is_answered_by_the_edit_and_open_again_with_its_undo(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 100_000))
    (found,) = open_exceptions(scene.plan)
    promise_change(plan=scene.plan, code=found.code, subject=found.subject, actor=scene.cast.demand_planner)
    assert [e.state for e in open_exceptions(scene.plan)] == [ExceptionState.CHANGING]
    edit = scene.edit(one(scene.node(item=OAK, market=NORTH), 90_000), reason="Half of the tender").edit
    assert edit and open_exceptions(scene.plan) == []
    (settled,) = of(scene, ExceptionKind.OUTSIDE_BAND)
    assert (settled.answer_text, settled.answered_by) == ("Half of the tender", str(scene.cast.demand_planner))
    undo_edit(edit_id=edit.pk, base_revision=edit.revision, session="one", actor=scene.cast.demand_planner)
    assert [e.state for e in of(scene, ExceptionKind.OUTSIDE_BAND)] == [ExceptionState.CHANGING]


def test_asking_opens_a_conversation_with_the_person_and_leaves_the_exception_open(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 100_000))
    (found,) = open_exceptions(scene.plan)
    words = Words("Is the tender signed?", uuid4())
    for _ in range(2):
        ask_about_exception(
            plan=scene.plan, found=(found.code, found.subject), person=scene.cast.finance, words=words,
            actor=scene.cast.demand_planner,
        )  # fmt: skip
    answer = ExceptionAnswer.objects.get()
    assert answer.asked == scene.cast.finance and Comment.objects.get().text == "@finance Is the tender signed?"
    assert Notification.objects.filter(recipient=scene.cast.finance).count() == 1
    (waiting,) = open_exceptions(scene.plan)
    assert waiting.state == ExceptionState.ASKED
    (finding,) = exceptions_answered(scene.plan)
    assert (
        finding.title == f"1 open exception waits for {scene.cast.finance}." and finding.money_cents == 70 * PRICE[OAK]
    )
    (duty,) = exception_duties(scene.cast.finance, scene.plan)
    assert duty.money_cents == 70 * PRICE[OAK] and not list(exception_duties(scene.cast.demand_planner, scene.plan))
    mine = queue_of(scene.plan, user=scene.cast.finance, wanted=Wanted(only_mine=True))
    assert [(row.key, waits) for row, waits in mine.rows] == [(found.key, str(scene.cast.finance))]
    assert not queue_of(scene.plan, user=scene.cast.executive, wanted=Wanted(only_mine=True)).rows


def test_limits_of_a_planner_narrow_the_queue_and_the_answers(scene: Scene) -> None:
    """A planner of lamps neither sees the chairs nor answers them; counts and dollars are of the lamps alone."""
    band(scene, "LAMPS", DEALER, 20)
    scene.edit(one(scene.node(item=LAMP, market=DEALER), 46_000))
    scene.edit(one(scene.node(item=OAK, market=NORTH), 100_000))
    limited = scene.cast.demand_planner2
    limited.memberships.get().families.add(scene.company.families["LAMPS"])
    queue = queue_of(scene.plan, user=limited, wanted=Wanted())
    assert [row.subject for row, _waits in queue.rows] == [f"LAMPS · {DEALER}"]
    assert (queue.asked, queue.answered, queue.open_cents) == (1, 0, 39 * PRICE[LAMP])
    chairs = next(row for row in open_exceptions(scene.plan) if row.spot.family == "CHAIRS")
    with pytest.raises(NotAllowedNow):
        answer_exception(plan=scene.plan, code=chairs.code, subject=chairs.subject, reason="x", actor=limited)
    assert len(answer_exceptions(plan=scene.plan, reason="New dealer", actor=limited)) == 1
    assert [row.subject for row in open_exceptions(scene.plan)] == [chairs.subject]


def test_the_gate_names_whom_it_waits_for_with_number_and_dollars(scene: Scene) -> None:
    """Chairs wait for the first planner alone, lamps for both; without anybody for chairs they are in nobody's limits."""
    band(scene, "LAMPS", DEALER, 20)
    scene.edit(one(scene.node(item=LAMP, market=DEALER), 46_000))
    scene.edit(one(scene.node(item=OAK, market=NORTH), 100_000))
    first, second = scene.cast.demand_planner, scene.cast.demand_planner2
    second.memberships.get().families.add(scene.company.families["LAMPS"])
    alone, shared = exceptions_answered(scene.plan)
    assert (alone.subject, alone.money_cents) == (first.username, 70 * PRICE[OAK])
    assert (shared.title, shared.money_cents) == (f"1 open exception waits for {first} or {second}.", 39 * PRICE[LAMP])
    lamps = queue_of(scene.plan, user=second, wanted=Wanted(only_waiting=True))
    assert [row.spot.family for row, _waits in lamps.rows] == ["LAMPS"] and lamps.waiting_cents == 39 * PRICE[LAMP]
    whole = queue_of(scene.plan, user=scene.cast.viewer, wanted=Wanted())
    assert (whole.waiting, [waits for _row, waits in whole.rows]) == (0, [str(first), f"{first} or {second}"])
    first.memberships.get().families.add(scene.company.families["LAMPS"])
    orphan, _shared = exceptions_answered(scene.plan)
    assert (orphan.subject, orphan.title) == ("nobody", "1 open exception lies in nobody's limits.")


def test_what_one_process_answers_or_edits_another_one_sees_at_once(scene: Scene) -> None:
    """Each process keeps its own list. A negative control shows that the second one does keep it."""
    scene.edit(one(scene.node(item=OAK, market=NORTH), 100_000))
    own, other = caches["figures"], LocMemCache("another process", {})
    own.clear()

    def there(ask: Callable[[], list[DemandException]]) -> list[DemandException]:
        with patch.object(exception_found, "caches", {"figures": other}):
            return ask()

    (found,) = there(lambda: open_exceptions(scene.plan))
    with patch.object(exception_found, "compared_exceptions", side_effect=AssertionError("found a second time")):
        assert [row.key for row in there(lambda: open_exceptions(scene.plan))] == [found.key]
        with pytest.raises(AssertionError):
            open_exceptions(scene.plan)
    answer_exceptions(plan=scene.plan, reason="Tender", actor=scene.cast.demand_planner)
    assert there(lambda: open_exceptions(scene.plan)) == []
    scene.edit(one(scene.node(item=OAK, market=NORTH), 150_000))
    (again,) = there(lambda: open_exceptions(scene.plan))
    assert again.money_cents == 120 * PRICE[OAK]


def test_what_changed_since_the_last_cycle_says_old_new_dollars_and_by_whom(scene: Scene) -> None:
    """Oak north was 20 and is 30, of which two months are 45 by one edit; lamps are 7 as they were; pine fell by 1."""
    last_cycle(scene, {(OAK, NORTH): 20, (PINE, NORTH): 61, (OAK, SOUTH): 10, (LAMP, DEALER): 7})
    scene.edit(one(scene.node(item=OAK, market=NORTH), 90_000, FIRST, FIRST + 1))
    changes = cycle_changes(scene.plan, user=scene.cast.viewer)
    assert changes and [(row.item, row.market) for row in changes.rows] == [(OAK, NORTH), (PINE, NORTH)]
    oak, pine = changes.rows
    assert (oak.old, oak.new, oak.count) == (20_000 * HORIZON, 30_000 * HORIZON + 2 * 15_000, HORIZON)
    assert oak.people == ((str(scene.cast.demand_planner), 2 * 15_000),) and oak.rest == 10_000 * HORIZON
    assert oak.cents == (10 * HORIZON + 2 * 15) * PRICE[OAK] and pine.cents == -HORIZON * PRICE[PINE]
    assert (changes.count, changes.cents, changes.gross_cents) == (2, oak.cents + pine.cents, oak.cents - pine.cents)
    limited = scene.cast.viewer
    limited.memberships.get().families.add(scene.company.families["LAMPS"])
    hidden = cycle_changes(scene.plan, user=limited)
    assert hidden and hidden.count == 0 and not hidden.families
