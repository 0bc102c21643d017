"""Files by command: each dirty file is applied or refused as expected.yaml says; mappings come and go as YAML."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Channel, ImportBatch, MappingProfile
from cycles.models import Plan
from cycles.services.cycles import open_cycle
from demand import gates
from demand.models import ActualMonth
from tests.cast import make_cast
from tests.catalog.services.test_dirt import CASES, DIRT
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(settings: object) -> Plan:
    """The plan of February 2014 of the small company, with the items of the dirty files, its data stage open."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    made = small_company()
    for code in ("007", "000000000000100023", "AB 12", "4711"):
        made.families["CHAIRS"].items.create(code=code, name=code, is_sold=True, is_finished=True)
    return open_cycle(month=date(2014, 2, 1), actor=make_cast().demand_planner)


def hand_in(name: str) -> tuple[str, str]:
    """Import the file of a case by command; what it printed and what it complained about."""
    case, said, complained = CASES[name], StringIO(), StringIO()
    words = ["import_file", str(DIRT / name.split(" ")[0]), "--dataset", case.get("dataset", "sales_monthly")]
    words += ["--mapping", str(DIRT / "mappings" / f"{case['mapping']}.yaml") if "mapping" in case else "-"]
    try:
        call_command(*words, stdout=said, stderr=complained)
    except CommandError as error:
        complained.write(str(error))
    return said.getvalue(), complained.getvalue()


@pytest.mark.long
@pytest.mark.parametrize("name", list(CASES))
def test_every_dirty_file(plan: Plan, name: str) -> None:
    case = CASES[name]
    said, complained = hand_in(name)
    if "fault" in case:
        assert case["fault"]["reason"] in complained
        assert "nothing was applied" in complained
        assert not ActualMonth.objects.exists() and Channel.objects.count() == 2
        assert ImportBatch.objects.get().status == "refused"
    else:
        assert complained == ""
        assert said.endswith("applied\n")
        assert all(note in said for note in case.get("notes", []))
        # sums and left-out rows are the reading tests' business; here: all of it arrived, once
        batch = ImportBatch.objects.get()
        assert batch.status == "applied"
        assert batch.added + batch.changed + batch.unchanged == len(case.get("rows", range(case.get("count", 0))))


def test_an_empty_and_a_partial_month_become_findings(plan: Plan) -> None:
    assert "applied" in hand_in("partial_last_month.csv")[0]
    (thin,) = gates.month_partial(plan)
    # 1 of 10 units a month, all at one price
    assert (thin.subject, thin.severity) == ("2014-01", "warn") and "10%" in thin.title


def test_a_month_without_a_row_is_named(plan: Plan) -> None:
    plan.first_month = date(2014, 4, 1)
    plan.save()
    hand_in("empty_month.csv")
    assert [finding.subject for finding in gates.actuals_loaded(plan)] == ["2014-02"]


def test_check_shows_and_applies_nothing(plan: Plan) -> None:
    said = StringIO()
    call_command("import_file", str(DIRT / "utf8.csv"), "--dataset", "channels", "--check", stdout=said)
    assert "channels: 2 rows, 0 added, 2 changed, 0 removed, 0 unchanged" in said.getvalue()
    assert Channel.objects.get(code="DIRECT").name == "Direct"


def test_mappings_by_command(plan: Plan, tmp_path: Path) -> None:
    first, again, listed = StringIO(), StringIO(), StringIO()
    path = DIRT / "mappings" / "theirs.yaml"
    call_command("mapping", "import", str(path), stdout=StringIO())
    call_command("mapping", "import", str(path), stdout=StringIO())
    call_command("mapping", "list", stdout=listed)
    assert listed.getvalue() == "ERP sales · ERP · sales_monthly · revision 1\n"
    call_command("mapping", "export", "ERP sales", stdout=first)
    (tmp_path / "out.yaml").write_text(first.getvalue())
    call_command("mapping", "import", str(tmp_path / "out.yaml"), stdout=StringIO())
    call_command("mapping", "export", "ERP sales", stdout=again)
    assert first.getvalue() == again.getvalue()
    assert MappingProfile.objects.get().revision == 1
    used = StringIO()
    words = ["import_file", str(DIRT / "theirs.csv"), "--dataset", "sales_monthly", "--mapping", "ERP sales"]
    call_command(*words, stdout=used)
    assert "read with the mapping ERP sales" in used.getvalue()
    call_command("mapping", "withdraw", "ERP sales", stdout=StringIO())
    with pytest.raises(CommandError, match="no mapping ERP sales"):
        call_command(*words)


def test_a_missing_file_or_dataset_is_said(plan: Plan) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_file", "/nowhere/channels.csv")
    with pytest.raises(CommandError, match="not the file of a dataset"):
        call_command("import_file", "/nowhere/anything.csv")
    with pytest.raises(CommandError, match="no dataset"):
        call_command("import_file", str(DIRT / "utf8.csv"), "--dataset", "nothing")
