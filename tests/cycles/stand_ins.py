"""Stand-ins for what the other apps register, so that the cycle is tested alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from cycles import registry
from cycles.models import Plan, User
from cycles.registry import Finding, Gate, RunKind, Section, SectionRow
from cycles.workflow import StageKind


def nothing_wrong(plan: Plan) -> Iterable[Finding]:
    """A gate that passes."""
    return ()


def blocking(money_cents: int | None = 100_00, **traits: bool) -> Callable[[Plan], Iterable[Finding]]:
    """A gate that blocks on the subject 'bolt'; `traits` are fields of the finding (waivable, is_assumption)."""
    return lambda plan: (Finding("bolt", "block", "The bolt is loose", money_cents, **traits),)


def raising(plan: Plan) -> Iterable[Finding]:
    """A gate that cannot answer."""
    raise ZeroDivisionError("nothing to divide by")


def section(name: str, rows: int = 2) -> Section:
    """A section of a few rows with units and text."""

    def make(plan: Plan) -> Iterator[SectionRow]:
        for number in range(rows):
            yield SectionRow((f'item "{number}"', "A\\B"), {"units": [number * 1000, -7, 0], "uom": "EA", "note": None})

    return Section(name, 10, make, lambda plan: {"total": rows})


@contextmanager
def alone(
    *,
    gates: dict[StageKind, Callable[[Plan], Iterable[Finding]]] | None = None,
    authors: dict[str, set[str]] | None = None,
    sections: tuple[Section, ...] | None = None,
    kinds: tuple[RunKind, ...] = (),
) -> Iterator[None]:
    """Replace every registry by one gate per stage, three sections, authors by username, and the given run kinds."""
    wanted = {kind: (gates or {}).get(kind, nothing_wrong) for kind in StageKind}
    tables: dict[str, dict[Any, Any]] = {
        "_gates": {f"test.{kind}": Gate(f"test.{kind}", kind, f"Test {kind}", check) for kind, check in wanted.items()},
        "_sections": {s.name: s for s in sections or tuple(section(name) for name in registry.REQUIRED_SECTIONS)},
        "_carries": {},
        "_authorships": {name: _wrote((authors or {}).get(name, set())) for name in ("demand", "supply", "finance")},
        "_run_kinds": {**registry._run_kinds, **{kind.name: kind for kind in kinds}},
    }
    with ExitStack() as stack:
        for name, table in tables.items():
            stack.enter_context(mock.patch.object(registry, name, table))
        stack.enter_context(mock.patch("cycles.signals.stage_changed.send"))
        stack.enter_context(mock.patch("cycles.signals.plan_revised.send"))
        stack.enter_context(mock.patch("cycles.signals.run_succeeded.send"))
        yield


def _wrote(names: set[str]) -> Callable[[Plan, User], bool]:
    return lambda plan, user: user.username in names
