"""Price every option of a shortage: solve the plan with the entries that it would make, and compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from supply.calc.demand_groups import GroupedDemand
from supply.calc.lp_solver import KeptBasis
from supply.calc.options import OptionKind, Subject, Way, subject_of, ways_out, with_entries
from supply.calc.plan_lp import InfeasiblePlanError, SolvedPlan, UnsolvedPlanError, solve_plan
from supply.calc.plan_money import MoneyChange, PlanMoney, Rates, money_change, plan_money
from supply.calc.problem import Ints, SupplyProblem
from supply.calc.staffing import staff_cost, staffed, whole_heads
from supply.calc.whole_plan import UnbalancedPlanError, WholePlan, whole_plan

NOTHING = MoneyChange(0, 0, 0, 0, 0, 0, 0)
CENTS = 100.0
MILLI = 1000.0


@dataclass(frozen=True)
class PricedOption:
    """One option: ``change`` against the present plan, None where ``way.reason`` says why it does not exist.

    ``break_even`` is what one subcontracted unit may cost over its standard before the option loses, cents per unit;
    None for every other option. The cost itself is asked for when it is chosen, so it is not in ``change``.
    """

    way: Way
    change: MoneyChange | None
    break_even: float | None = None


@dataclass(frozen=True)
class PresentPlan:
    """The plan as it is: the problem, its groups and rates, the optimum with its basis, its money, and cents that its
    ``people`` cost beyond the standard."""

    problem: SupplyProblem
    grouped: GroupedDemand
    rates: Rates
    solved: SolvedPlan
    money: PlanMoney
    people: int = 0


def present_plan(
    problem: SupplyProblem, grouped: GroupedDemand, rates: Rates, *, basis: KeptBasis | None = None
) -> PresentPlan:
    """Solve the plan that the options are compared with; from the basis of the published one it is that plan.

    Raises:
        InfeasiblePlanError, UnsolvedPlanError, UnbalancedPlanError: With names.
    """
    solved = solve_plan(problem, basis=basis)
    whole = whole_plan(staffed(problem, solved.plan), solved.plan)
    money, people = plan_money(problem, grouped, whole, rates), _people_cents(problem, solved, whole)
    return PresentPlan(problem, grouped, rates, solved, money, people)


def _people_cents(problem: SupplyProblem, solved: SolvedPlan, whole: WholePlan) -> int:
    """What the plan's people cost beyond the standard, cents; 0 where none are modelled."""
    return staff_cost(problem, whole_heads(problem, solved.plan), whole).beyond_standard


def price_shortage(present: PresentPlan, nodes: Ints) -> Iterator[PricedOption]:
    """Every option of the shortage of the item with these places (node,), in the order of ``OptionKind``.

    What an option is priced at is the plan that its entries lead to, rounded and in cents: choosing it gives this plan.
    """
    subject = subject_of(present.problem, present.solved, nodes)
    for way in ways_out(present.problem, present.solved, subject):
        yield _priced(present, way, subject)


def _priced(present: PresentPlan, way: Way, subject: Subject) -> PricedOption:
    if way.reason:
        return PricedOption(way, None)
    if not way.entries:
        return PricedOption(way, NOTHING)
    problem = with_entries(present.problem, way.entries)
    try:
        solved = solve_plan(problem, basis=present.solved.solver.getBasis())
        whole = whole_plan(staffed(problem, solved.plan), solved.plan)
    except (InfeasiblePlanError, UnsolvedPlanError, UnbalancedPlanError):
        return PricedOption(Way(way.kind, reason="It contradicts pins that are in force."), None)
    people = _people_cents(problem, solved, whole) - present.people
    money = plan_money(problem, present.grouped, whole, present.rates)
    change = money_change(money, present.money, extra_cost=people)
    if way.kind is not OptionKind.SUBCONTRACT:
        return PricedOption(way, change)
    units = sum(entry.quantity for entry in way.entries) / MILLI
    return PricedOption(way, change, break_even=change.margin / units if units else None)
