"""The start-up check of panels: silent on the portal as it is, an error for a page that nobody serves."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from cycles import registry
from cycles.workflow import StageKind
from sop_portal.panels import check_panels


@pytest.fixture
def stray(monkeypatch: pytest.MonkeyPatch) -> registry.Panel:
    """A panel whose page nobody serves."""
    monkeypatch.setattr(registry, "_panels", dict(registry._panels))
    panel = registry.Panel(StageKind.SUPPLY, "Workforce", "supply:workforce", 90)
    registry.register_panel(panel)
    return panel


def test_every_panel_of_the_portal_is_served() -> None:
    assert [panel.name for kind in StageKind for panel in registry.panels_of(kind)]
    assert check_panels() == []


def test_a_panel_without_a_page_stops_the_start(stray: registry.Panel) -> None:
    (error,) = check_panels()
    assert error.id == "sop_portal.E010" and stray.url_name in error.msg and error.is_serious()
    with pytest.raises(SystemCheckError, match="supply:workforce"):
        call_command("check")
