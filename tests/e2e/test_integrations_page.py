"""The Integrations page in a browser: both themes, desk and phone; a key made, its secret copied, the key ended."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integrations.models import ApiKey
from integrations.services.acknowledgements import Loaded, acknowledge_plan
from tests.cast import Cast
from tests.e2e.conftest import Visitor
from tests.integrations.frozen import Frozen, frozen_plan
from tests.small_company import small_company

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
PAGE = "/integrations/"


@pytest.fixture
def frozen(cast: Cast) -> Frozen:
    """An approved plan that was fetched, and loaded with a difference."""
    small_company()
    made = frozen_plan()
    made.client().get("/api/v1/plans/2026-10/lines")
    differences = ({"item": "B-2", "reason": "blocked for planning"},)
    loaded = Loaded(35, 1_500_00, reference="load 4711", differences=differences)
    acknowledge_plan(snapshot=made.snapshot, loaded=loaded, api_key=made.key, idempotency_key="one")
    return made


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_the_page_is_accessible_and_does_not_overflow(frozen: Frozen, visit: Visit, theme: str, width: int) -> None:
    visitor = visit("admin", theme=theme, width=width)
    visitor.open(PAGE)
    visitor.check()


def test_a_key_is_made_copied_and_ended_by_hand(frozen: Frozen, visit: Visit) -> None:
    visitor = visit("admin")
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(PAGE)
    page.click(".actions >> text=New key")
    page.fill("#dialog [name=name]", "Warehouse")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("#dialog #secret")
    token = page.input_value("#secret")
    assert re.fullmatch(r"sop_[0-9a-f]{12}_[0-9a-f]{64}", token)
    visitor.check()
    page.click("#dialog >> text=Copy >> nth=-1")
    page.wait_for_selector("#toasts >> text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == token
    page.click("#dialog >> text=I have copied it")
    page.wait_for_load_state("networkidle")
    assert token not in page.content()
    page.click("#keys tr:has-text('Warehouse') >> text=Revoke")
    page.fill("#dialog [name=reason]", "Laptop lost")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("text=no longer works")
    assert ApiKey.objects.get(name="Warehouse").revoked_at is not None
