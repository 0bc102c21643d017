"""The command on a tiny pack: a whole month, what stops it and how it goes on, rolling forward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connections

from cycles.models import AuditRow, Plan, SignOff, Waiver
from cycles.selectors import is_approved, stage_of
from cycles.workflow import StageKind
from demand.models import Edit, ExceptionAnswer
from supply.models import OverloadDecision
from tests.flows.walks import RULES, run_cycle, summary_of
from tests.headless.tiny_pack import write_tiny_pack

pytestmark = pytest.mark.django_db

#: The rule, the stage that stops without it, and the gate that its sentence names.
OPEN = {
    "findings": (StageKind.DATA, "supply.opening_stock"),
    "exceptions": (StageKind.DEMAND, "demand.exceptions_answered"),
    "overloads": (StageKind.SUPPLY, "supply.overloads_decided"),
    "gap": (StageKind.RECONCILIATION, "finance.family_gap"),
}
#: Where the code of a gate stands in for the wider rule.
RULE_OF = {"findings": "supply.opening_stock"}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_tiny_pack(tmp_path / "pack")


def stopped(pack: Path, out: Path, *words: str, rules: dict[str, str]) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run_cycle(pack, out, *words, rules=rules)
    return caught.value


def recorded() -> int:
    """Everything in the log but the files that come in again, unchanged."""
    return AuditRow.objects.exclude(code__startswith="cycles.import.").count()


def answers() -> tuple[int, int, int]:
    return Waiver.objects.count(), ExceptionAnswer.objects.count(), OverloadDecision.objects.count()


@pytest.mark.long
def test_a_month_stops_where_a_rule_is_missing_and_goes_on_with_it(pack: Path, tmp_path: Path) -> None:
    out, rules, words = tmp_path / "out", {}, ["--month=2014-01", "--new"]
    for rule, (kind, code) in OPEN.items():
        error = stopped(pack, out, *words, rules=rules)
        assert error.returncode == 2
        assert code in str(error) and f'--accept {rule}="your reason"' in str(error)
        stands_open(kind)
        before = (answers(), recorded())
        assert stopped(pack, out, "--month=2014-01", rules=rules).returncode == 2
        assert (answers(), recorded()) == before
        rules, words = {**rules, RULE_OF.get(rule, rule): RULES[rule]}, ["--month=2014-01"]
    printed = run_cycle(pack, out, *words, rules=rules)
    assert is_approved(Plan.objects.get()) and "2014-01: landing" in printed and not Edit.objects.exists()
    is_written(out)
    waiver = Waiver.objects.get(code="supply.opening_stock")
    assert waiver.reason == f"Rule supply.opening_stock: {RULES['findings']}" and waiver.waived_by.is_service


def stands_open(kind: StageKind) -> None:
    """The stage is open, nothing in it was answered or signed, and the stages before are approved."""
    plan = Plan.objects.get()
    for stage in plan.stages.all():
        other = "approved" if stage.position < kind.position else "not_started"
        assert stage.status == ("open" if stage.kind == kind else other)
    stage = stage_of(plan, kind)
    assert not SignOff.objects.filter(stage=stage).exists() and not Waiver.objects.filter(stage=stage).exists()


def is_written(out: Path) -> None:
    """The five files of the month and the accuracy are there."""
    files = {path.name for path in out.iterdir()}
    assert files == {"plan.csv", "leaves.parquet", "bridge.csv", "findings.csv", "summary.json", "accuracy.csv"}
    summary = summary_of(out)
    assert (summary["cycle"], summary["snapshot_number"], summary["unexplained"]) == ("2014-01", "2014-01", "0.00")
    assert {"open", "reconciliation", "executive", "outputs"} <= set(summary["steps"])
    assert set(summary["waivers"]) == {"supply.opening_stock", "finance.family_gap"}


@pytest.mark.long
def test_months_roll_forward_one_by_one(pack: Path, tmp_path: Path) -> None:
    run_cycle(pack, tmp_path / "out", "--months=2014-01..2014-02", "--new")
    assert summary_of(tmp_path / "out/2014-02")["actuals_to_date"] == f"{2 * 0.9 * (100 * 100 + 200 * 40):.2f}"
    skipped = stopped(pack, tmp_path / "no", "--month=2014-04", rules=RULES)
    assert skipped.returncode == 1 and "rolled forward one by one" in str(skipped)
    anew = stopped(pack, tmp_path / "no", "--month=2014-03", "--new", rules=RULES)
    assert "--new needs an empty database; this one holds cycles up to" in str(anew)
    assert Plan.objects.count() == 2
    printed = run_cycle(pack, tmp_path / "third", "--month=2014-03")
    assert [is_approved(plan) for plan in Plan.objects.order_by("first_month")] == [True] * 3
    assert "WMAPE of earlier plans / seasonal naive" in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--month=2014-01",), "start with --new"),
        (("--month=2014-01", "--new", "--accept=gap"), "is not RULE=REASON"),
        (("--month=2014-01", "--new", "--accept=luck=yes"), "'luck' is none of them"),
        (("--month=2014-01", "--new", "--database=No-Such"), "use lower-case letters"),
        (("--month=2014-13", "--new"), "is not YYYY-MM"),
        (("--months=2014-02..2014-01", "--new"), "is before"),
        (("--months=2014-02", "--new"), "is not YYYY-MM..YYYY-MM"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(pack: Path, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told.replace(".", r"\.")):
        run_cycle(pack, tmp_path / "out", *words)
    assert not Plan.objects.exists()


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no folder"):
        run_cycle(tmp_path / "nowhere", tmp_path / "out", "--month=2014-01", "--new")


def test_a_file_with_faults_stops_with_its_batch(pack: Path, tmp_path: Path) -> None:
    (pack / "products.csv").write_text((pack / "products.csv").read_text().replace("MAKE", "GROW"))
    with pytest.raises(CommandError, match=r"import batch|import"):
        run_cycle(pack, tmp_path / "out", "--month=2014-01", "--new")
    assert not any(is_approved(plan) for plan in Plan.objects.all())


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_absent_database_is_refused_without_new(pack: Path, tmp_path: Path, django_db_setup: Any) -> None:
    before = connections["default"].settings_dict["NAME"]
    with pytest.raises(CommandError, match="There is no database 'nowhere_at_all'; --new creates it"):
        run_cycle(pack, tmp_path / "out", "--month=2014-01", "--database=nowhere_at_all")
    assert connections["default"].settings_dict["NAME"] == before
