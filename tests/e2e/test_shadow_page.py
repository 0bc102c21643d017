"""The shadow-model check in a browser: a file handed in, `n` to the next, an answer by hand, themes and phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from finance.models import ShadowAnswer
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.finance.views.test_shadow_pages import theirs

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
PAGE = "/finance/2014-06/shadow/"


@pytest.fixture
def landed(cast: Cast) -> Sample:
    """The small company's plan in its pre-S&OP stage."""
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


def test_a_file_is_handed_in_and_answered_by_keyboard(landed: Sample, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_bytes(theirs())
    finance = visit("finance")
    page = finance.open("/finance/2014-06/")
    page.click("text=Shadow-model check")
    finance.check()
    page.locator("main a", has_text="Check a file").first.click()
    page.fill("[name=model_name]", "Sales director")
    page.set_input_files("[name=file]", file)
    page.click("main form button[type=submit]")
    page.wait_for_selector("#deltas > li")
    finance.check()
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.fill("#dialog [name=reason]", "A second shop opens")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("#deltas >> text=A second shop opens")
    page.wait_for_load_state("networkidle")
    assert ShadowAnswer.objects.get().state == "agreed"
    for theme, width in (("dark", 1440), ("light", 390)):
        visitor = visit("viewer", theme=theme, width=width)
        visitor.open(PAGE)
        visitor.check()
