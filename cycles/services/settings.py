"""The company's settings: what each one means, when it takes effect, and the change with its audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db import transaction

from catalog.calc.reason_codes import reason_codes
from catalog.models import Company, ImportBatch, ListPrice, ReferenceRow, StandardCost
from catalog.services.company import ensure_currency
from cycles.errors import NotAllowedNow, StatementUnfit
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import plan_in_progress, stage_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import bump_revision, lock_plan
from cycles.workflow import StageKind, StageStatus


class Effect(StrEnum):
    """When a change of a setting is felt, and until when it can be made."""

    AT_ONCE = "at_once"
    NUMBERS = "numbers"
    LIMITS = "limits"
    NEXT_CYCLE = "next_cycle"
    BEFORE_PLANS = "before_plans"
    BEFORE_AMOUNTS = "before_amounts"

    @property
    def label(self) -> str:
        """When it takes effect, in words."""
        return {
            "at_once": "At once, on every page",
            "numbers": "With the next calculation; a result from before counts as behind",
            "limits": "At once, for every stage that is still to be submitted",
            "next_cycle": "With the next cycle that is opened",
            "before_plans": "Fixed once there is a plan",
            "before_amounts": "Fixed once there are amounts",
        }[self.value]

    @property
    def needs_open_data(self) -> bool:
        """Whether it can only be changed between cycles, or while the data stage is open."""
        return self in (Effect.NUMBERS, Effect.LIMITS)


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the company: its name for people, unit, what it is for and what it touches, and its limits."""

    field: str
    title: str
    unit: str
    words: str
    effect: Effect
    least: int | None = None
    most: int | None = None

    @property
    def is_fraction(self) -> bool:
        """Whether people say it in percent; it is kept as a fraction."""
        return self.unit.startswith("%")

    @property
    def is_money(self) -> bool:
        """Whether people say it in the currency; it is kept in cents."""
        return self.unit == "money"


SETTINGS: tuple[Setting, ...] = (
    Setting("name", "Name", "", "Shown on pages, files and the board pack.", Effect.AT_ONCE),
    Setting("currency_id", "Reporting currency", "", "Every amount of the portal is in it.", Effect.BEFORE_AMOUNTS),
    Setting(
        "fiscal_year_start_month", "Fiscal year starts in", "",
        "The year is named by the year in which it ends; budget, gap and landing follow it.", Effect.BEFORE_PLANS, 1, 12,
    ),
    Setting("default_horizon", "Planning horizon", "months", "Open months of a new plan.", Effect.NEXT_CYCLE, 6, 36),
    Setting(
        "mix_level", "Mix is told from volume by", "", "Level of the bridge between budget and plan.", Effect.NUMBERS
    ),
    Setting(
        "dso_days", "Customer terms", "days",
        "Days from sale to payment, for a market without its own; moves receivables and cash.", Effect.NUMBERS, 0, 365,
    ),
    Setting(
        "dpo_days", "Supplier terms", "days",
        "Days from delivery to payment, for a supplier without its own; moves payables and cash.", Effect.NUMBERS, 0, 365,
    ),
    Setting(
        "discount_window_months", "Discount window", "months",
        "Closed months that tell the discount where none is planned; moves net price and revenue.", Effect.NUMBERS, 1, 36,
    ),
    Setting(
        "variance_policy", "Planned variances are", "",
        "Expensed in the month in which they arise, or kept in stock and released as its goods are sold.", Effect.NUMBERS,
    ),
    Setting(
        "allow_average_price", "Average selling price may stand in", "",
        "For an item without a price: net sales ÷ units of the discount window; marked and counted. Off: it blocks.",
        Effect.NUMBERS,
    ),
    Setting(
        "price_gap_fraction", "A planned price is far from the actual one past", "% of the actual average",
        "Against the average net price of the last twelve closed months.", Effect.LIMITS, 0, 1000,
    ),
    Setting(
        "cost_jump_fraction", "A standard cost jumps past", "% from one month to the next",
        "Inside the plan, its first month against the one before.", Effect.LIMITS, 0, 1000,
    ),
    Setting(
        "finding_amount_cents", "Findings about rates are listed from", "money",
        "Prices, cost jumps, margins and budgets of ended items with fewer dollars at risk are left out.", Effect.LIMITS, 0,
    ),
    Setting(
        "unanswered_amount_cents", "A gap needs an answer above the amount", "money",
        "Gaps of families and the company: smaller ones may pass.", Effect.LIMITS, 0,
    ),
    Setting(
        "exception_amount_cents", "A demand exception needs an answer above", "money",
        "Dollars at stake; smaller ones are told and may pass, those without a price always need one.", Effect.LIMITS, 0,
    ),
    Setting(
        "exception_change_fraction", "Demand changed since the last cycle past", "% of the last plan",
        "A family in a market whose year ahead moved further is an exception of the demand review.", Effect.LIMITS, 0, 1000,
    ),
    Setting(
        "exception_bias_fraction", "Plans err to one side past", "% of what was sold",
        "A family in a market that was too high or too low again and again is an exception.", Effect.LIMITS, 0, 1000,
    ),
    Setting(
        "unanswered_fraction", "A gap needs an answer above the share", "% of budget",
        "A gap needs an answer only past both, the amount and this share of its budget.", Effect.LIMITS, 0, 100,
    ),
    Setting(
        "abc_a_fraction", "Class A reaches to", "% of revenue",
        "Items by revenue of the last twelve closed months; the item that crosses belongs to A. Not above class B.",
        Effect.AT_ONCE, 1, 100,
    ),
    Setting(
        "abc_b_fraction", "Class B reaches to", "% of revenue",
        "The rest is C. Not below class A.", Effect.AT_ONCE, 1, 100,
    ),
    Setting(
        "xyz_x_fraction", "Class X reaches to", "% variation",
        "Sample standard deviation ÷ mean of monthly units over the last twelve closed months. Not above class Y.",
        Effect.AT_ONCE, 1, 1000,
    ),
    Setting(
        "xyz_y_fraction", "Class Y reaches to", "% variation",
        "What varies more is Z. Not below class X.", Effect.AT_ONCE, 1, 1000,
    ),
    Setting(
        "reason_codes", "Reason codes of demand edits", "",
        "Every change in the demand grid names one; separated by commas. Edits keep the words of their day.",
        Effect.AT_ONCE,
    ),
)  # fmt: skip
BY_FIELD = {setting.field: setting for setting in SETTINGS}
#: Limits of which the first may not lie above the second.
IN_ORDER = (("abc_a_fraction", "abc_b_fraction"), ("xyz_x_fraction", "xyz_y_fraction"))


def change_company(*, values: Mapping[str, object], actor: User) -> Company:
    """Change settings of the company by field; audited, each with old and new. The same values change nothing.

    A change that moves numbers raises the rates revision of the plan in progress: what was calculated before is behind.

    Raises:
        NotAllowedToYou: only an admin may.
        NotAllowedNow: fixed by now, or the data stage of the plan in progress is no longer open.
        StatementUnfit: a value outside its limits, or a field that is none.
    """
    authorise(actor=actor, action=Action.SET_UP)
    if strange := sorted(set(values) - set(BY_FIELD)):
        raise StatementUnfit(f"The company has no settings {strange}.")
    with transaction.atomic():
        plan = plan_in_progress()
        plan = lock_plan(plan.pk) if plan else None
        company = Company.objects.select_for_update().get()
        before = {field: getattr(company, field) for field in values}
        changed = {field: value for field, value in values.items() if before[field] != value}
        for field, value in changed.items():
            _judge(field, value)
            setattr(company, field, ensure_currency(str(value)).code if field == "currency_id" else value)
        if not changed:
            return company
        _judge_order(company)
        company.save(update_fields=list(changed))
        record_audit(
            actor=actor, code="cycles.company.changed", plan=plan, subject=company.name,
            before={field: before[field] for field in changed}, after=changed,
        )  # fmt: skip
        if plan is not None and any(BY_FIELD[field].effect == Effect.NUMBERS for field in changed):
            bump_revision(plan, ledger="rates", actor=actor)
        return company


def why_fixed(setting: Setting) -> str:
    """Return why a setting cannot be changed now, '' when it can."""
    if setting.effect == Effect.BEFORE_AMOUNTS and has_amounts():
        return "There are amounts already; they would all mean something else."
    if setting.effect == Effect.BEFORE_PLANS and Plan.objects.exists():
        return "There is a plan already; its budget and landing are cut by this year."
    plan = plan_in_progress() if setting.effect.needs_open_data else None
    if plan is not None and stage_of(plan, StageKind.DATA).status != StageStatus.OPEN:
        return f"The data of plan {plan.number} are handed in. Reopen them, or wait until the plan is approved."
    return ""


def has_amounts() -> bool:
    """Return whether any amount is stored: a plan, a price, a cost, a budget row, or an applied file."""
    files = ImportBatch.objects.filter(status=ImportBatch.Status.APPLIED).exclude(dataset="company")
    return any(
        rows.exists() for rows in (Plan.objects, ListPrice.objects, StandardCost.objects, ReferenceRow.objects, files)
    )


def _judge(field: str, value: object) -> None:
    setting = BY_FIELD[field]
    if reason := why_fixed(setting):
        raise NotAllowedNow(f"{setting.title}: {reason}")
    if field == "reason_codes":
        try:
            reason_codes(str(value))
        except ValueError as error:
            raise StatementUnfit(f"{setting.title}: {error}") from error
    if isinstance(value, int | Decimal):
        shown = value * 100 if setting.is_fraction else value
        if setting.least is not None and shown < setting.least:
            raise StatementUnfit(f"{setting.title}: at least {setting.least}.")
        if setting.most is not None and shown > setting.most:
            raise StatementUnfit(f"{setting.title}: at most {setting.most}.")


def _judge_order(company: Company) -> None:
    for lower, upper in IN_ORDER:
        if getattr(company, lower) > getattr(company, upper):
            raise StatementUnfit(f"“{BY_FIELD[lower].title}” may not lie above “{BY_FIELD[upper].title}”.")
