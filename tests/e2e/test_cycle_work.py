"""In a browser: the admin sets a person and the company up, the planner measures an assumption, all sees the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from catalog.models import Company
from cycles.models import Plan, User
from cycles.services.cycles import open_cycle
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.e2e.pages import confirm
from tests.small_company import small_company

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """A small company with an open cycle."""
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def test_an_admin_sets_up_a_person_and_the_company(plan: Plan, visit: Visit) -> None:
    admin = visit("admin")
    page = admin.open("/cycles/settings/")
    page.click("a[aria-label='Change: Customer terms']")
    confirm(page, {"value": "41"})
    assert Company.objects.get().dso_days == 41
    admin.check()
    page = admin.open("/cycles/people/")
    page.click("text=Add a person")
    page.wait_for_selector("#dialog[open] [name=username]")
    page.fill("#dialog [name=username]", "nora")
    page.click("#dialog button[type=submit]")
    link = page.inner_text("#dialog .once")
    admin.check()
    page.goto(link)
    for name in ("new_password1", "new_password2"):
        page.fill(f"[name={name}]", "quite a long password")
    admin.check()
    page.click("button[type=submit]")
    page.wait_for_selector("#id_username")
    assert User.objects.get(username="nora").has_usable_password()


@pytest.mark.parametrize(("theme", "width"), [("dark", 390), ("light", 1440)])
def test_calendar_work_and_assumptions_are_accessible(plan: Plan, visit: Visit, theme: str, width: int) -> None:
    planner = visit("finance", theme=theme, width=width)
    page = planner.open("/cycles/")
    page.wait_for_selector(".weeks caption" if width > 720 else ".day-list li", state="attached")
    planner.check()
    page = planner.open("/cycles/2014-01/assumptions/")
    page.click("text=Add an assumption")
    page.wait_for_selector("#dialog[open] [name=metric]")
    planner.check()
    measured = {"code": "units", "text": "January is as usual.", "metric": "demand.units", "expected": "900"}
    page.fill("#dialog [name=first_month]", "2014-01")
    page.fill("#dialog [name=tolerance]", "5")
    confirm(page, measured)
    page.wait_for_selector("text=Not yet known")
    planner.check()
    for path in ("/cycles/my-work/", "/cycles/audit/", "/cycles/people/review/", "/cycles/settings/"):
        planner.open(path)
        planner.check()
