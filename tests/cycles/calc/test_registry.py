"""Registries refuse doubles, unknown names and wrong entries; nothing is skipped silently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured

from cycles import registry
from cycles.errors import UnknownEntry
from cycles.registry import Carried, Carry, Finding, Panel, RunKind, Verifier
from cycles.workflow import StageKind
from tests.cycles.stand_ins import alone, nothing_wrong, section


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone(), pytest.MonkeyPatch.context() as patch:
        for table in ("_panels", "_verifiers", "_control_totals"):
            patch.setattr(registry, table, {})
        patch.setattr(registry, "_audit_codes", set())
        yield


PANEL = Panel(StageKind.DATA, "files", "cycles:files", 1)
KIND = RunKind("test.kind", "Kind", "1", lambda lease: None, ledgers=("demand", "rates_revision"))
TWICE = {
    "gate": lambda: registry.gate("test.data", stage=StageKind.DATA, title="Again")(nothing_wrong),
    "section": lambda: registry.register_section(section("demand")),
    "panel": lambda: (registry.register_panel(PANEL), registry.register_panel(PANEL)),
    "run kind": lambda: (registry.register_run_kind(KIND), registry.register_run_kind(KIND)),
    "carry": lambda: [registry.register_carry(Carry("test", 1, Carried, "tests")) for _ in range(2)],
    "verifier": lambda: [registry.register_verifier(Verifier("test", lambda: ())) for _ in range(2)],
    "authorship": lambda: registry.register_authorship("demand", lambda plan, user: False),
    "control totals": lambda: [registry.register_control_totals("sales", dict) for _ in range(2)],
    "audit code": lambda: registry.register_audit_codes("a.b", "a.b"),
}


@pytest.mark.parametrize("entry", TWICE)
def test_a_double_is_a_start_up_error(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="registered twice"):
        TWICE[entry]()


def test_a_run_kind_depends_on_known_ledgers_only() -> None:
    with pytest.raises(ImproperlyConfigured, match="unknown ledgers"):
        registry.register_run_kind(RunKind("x", "X", "1", lambda lease: None, ledgers=("weather",)))


def test_unknown_names_are_told() -> None:
    with pytest.raises(UnknownEntry, match="no calculation"):
        registry.run_kind("nobody.did")
    with pytest.raises(UnknownEntry, match="nobody may approve"):
        registry.authorship("weather")


def test_gates_and_panels_come_in_order() -> None:
    registry.gate("a.first", stage=StageKind.DATA, title="First")(nothing_wrong)
    assert [gate.code for gate in registry.gates_of(StageKind.DATA)] == ["a.first", "test.data"]
    registry.register_panel(PANEL)
    registry.register_panel(Panel(StageKind.DATA, "earlier", "cycles:earlier", 0))
    assert [panel.name for panel in registry.panels_of(StageKind.DATA)] == ["earlier", "files"]


def test_a_finding_has_one_of_three_severities() -> None:
    with pytest.raises(ValueError, match="fatal"):
        Finding("bolt", "fatal", "Loose")
