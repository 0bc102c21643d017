"""What the apps above bring to the cycle, as data: gates, panels, sections, run kinds, carries, verifiers, codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from cycles.errors import UnknownEntry
from cycles.policy import Action
from cycles.workflow import StageKind

if TYPE_CHECKING:
    from cycles.models import Plan, User
    from cycles.services.leases import RunLease

SEVERITIES = ("info", "warn", "block")
LEDGERS = ("demand", "supply", "finance", "rates")
#: Without each of these a plan cannot be frozen.
REQUIRED_SECTIONS = ("demand", "supply", "finance")

FieldValue = int | str | list[int] | list[str] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate reports. Grain: one subject (an item, a family, a dataset, …) of one gate.

    `money_cents` is the money at risk in cents of the reporting currency, None where it cannot be said.
    `subject` must be stable between two evaluations: a waiver is matched by gate code and subject. Waiving one that
    `is_assumption` also names it as an assumption of the plan, to be confirmed again in every later cycle.
    """

    subject: str
    severity: str
    title: str
    money_cents: int | None = None
    hint: str = ""
    link_name: str = ""
    waivable: bool = True
    is_assumption: bool = False

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is none of {SEVERITIES}")


@dataclass(frozen=True, slots=True)
class Gate:
    """A check that may block a stage. `check` yields findings; raising counts as a block."""

    code: str
    stage: StageKind
    title: str
    check: Callable[[Plan], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a stage page that another app draws: the name of a URL taking the plan number.

    `icon` in the rail; '' takes one of the stage's by the panel's place.
    """

    stage: StageKind
    name: str
    url_name: str
    order: int
    icon: str = ""


@dataclass(frozen=True, slots=True)
class SectionRow:
    """One canonical row of a snapshot: a stable key and its fields (integers, text, lists of them, or None)."""

    key: tuple[str, ...]
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a snapshot. `rows` yields rows in a stable order; `header` gives totals and rules for the header."""

    name: str
    order: int
    rows: Callable[[Plan], Iterable[SectionRow]]
    header: Callable[[Plan], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RunKind:
    """A calculation that the database queues and a worker executes.

    `ledgers`: the plan revisions it depends on ('demand', 'supply', 'finance', 'rates'; '<x>_revision' is the same).
    `after`: run kinds whose latest result it reads; a newer one makes this result stale.
    `action`: the right that a person needs to ask for it by hand.
    """

    name: str
    title: str
    version: str
    execute: Callable[[RunLease], dict[str, Any] | None]
    ledgers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the entries that an approved plan hands on: how many were taken over, and in words each one that
    was not, with its reason ("Purchase of LAMP in 2014-01: the month has closed")."""

    kept: int = 0
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carry:
    """What an app takes from the approved plan into the next one: carry(plan=new, previous=old, actor=user).

    `noun` is what its entries are called, in the plural.
    """

    name: str
    order: int
    carry: Callable[..., Carried]
    noun: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What a verifier found wrong: where (table, row, field) and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verifier:
    """A check of `manage.py verify`: yields what is wrong, nothing when all is well."""

    name: str
    check: Callable[[], Iterable[Problem]]


_gates: dict[str, Gate] = {}
_panels: dict[tuple[StageKind, str], Panel] = {}
_sections: dict[str, Section] = {}
_run_kinds: dict[str, RunKind] = {}
_carries: dict[str, Carry] = {}
_verifiers: dict[str, Verifier] = {}
_authorships: dict[str, Callable[[Plan, User], bool]] = {}
_control_totals: dict[str, Callable[[], Mapping[str, str]]] = {}
_audit_codes: set[str] = set()

K = TypeVar("K")
V = TypeVar("V")


def _add(table: dict[K, V], key: K, entry: V, what: str) -> None:
    if key in table:
        raise ImproperlyConfigured(f"{what} {key!r} is registered twice.")
    table[key] = entry


def gate(
    code: str, *, stage: StageKind, title: str
) -> Callable[[Callable[[Plan], Iterable[Finding]]], Callable[[Plan], Iterable[Finding]]]:
    """Register the decorated function as a gate of `stage`.

    Raises:
        ImproperlyConfigured: the code is taken, at import time.
    """

    def register(check: Callable[[Plan], Iterable[Finding]]) -> Callable[[Plan], Iterable[Finding]]:
        _add(_gates, code, Gate(code, StageKind(stage), title, check), "Gate")
        return check

    return register


def gates_of(stage: StageKind) -> tuple[Gate, ...]:
    """Return the gates of a stage in order of their code."""
    return tuple(sorted((g for g in _gates.values() if g.stage == stage), key=lambda g: g.code))


def register_panel(panel: Panel) -> None:
    """Add a panel to a stage page; a second one of the same stage and name is a start-up error."""
    _add(_panels, (panel.stage, panel.name), panel, "Panel")


def panels_of(stage: StageKind) -> tuple[Panel, ...]:
    """Return the panels of a stage in their order."""
    return tuple(sorted((p for p in _panels.values() if p.stage == stage), key=lambda p: (p.order, p.name)))


def register_section(section: Section) -> None:
    """Add a section to every snapshot; a duplicate name is a start-up error."""
    _add(_sections, section.name, section, "Section")


def sections() -> tuple[Section, ...]:
    """Return the registered sections in their order."""
    return tuple(sorted(_sections.values(), key=lambda s: (s.order, s.name)))


def register_run_kind(kind: RunKind) -> None:
    """Add a kind of run; a duplicate name or an unknown ledger is a start-up error."""
    unknown = [name for name in kind.ledgers if name.removesuffix("_revision") not in LEDGERS]
    if unknown:
        raise ImproperlyConfigured(f"Run kind {kind.name!r} depends on unknown ledgers {unknown}.")
    _add(_run_kinds, kind.name, kind, "Run kind")


def run_kind(name: str) -> RunKind:
    """Return a kind of run.

    Raises:
        UnknownEntry: no app registered it.
    """
    try:
        return _run_kinds[name]
    except KeyError:
        raise UnknownEntry(f"There is no calculation named {name!r}.") from None


def run_kinds() -> tuple[RunKind, ...]:
    """Return all kinds of runs by name."""
    return tuple(_run_kinds[name] for name in sorted(_run_kinds))


def register_carry(carry: Carry) -> None:
    """Add something that the next cycle takes over; a duplicate name is a start-up error."""
    _add(_carries, carry.name, carry, "Carry")


def carries() -> tuple[Carry, ...]:
    """Return the carries in their order."""
    return tuple(sorted(_carries.values(), key=lambda c: (c.order, c.name)))


def register_verifier(verifier: Verifier) -> None:
    """Add a check to `manage.py verify`; a duplicate name is a start-up error."""
    _add(_verifiers, verifier.name, verifier, "Verifier")


def verifiers() -> tuple[Verifier, ...]:
    """Return the verifiers by name."""
    return tuple(_verifiers[name] for name in sorted(_verifiers))


def register_authorship(name: str, check: Callable[[Plan, User], bool]) -> None:
    """Tell who has an own entry in a ledger ('demand', 'supply', 'finance') of a plan; carried entries do not count."""
    _add(_authorships, name, check, "Authorship")


def authorship(name: str) -> Callable[[Plan, User], bool]:
    """Return the check of a ledger's authors.

    Raises:
        UnknownEntry: nobody registered it. An approval then stops: a missing check is never a pass.
    """
    try:
        return _authorships[name]
    except KeyError:
        raise UnknownEntry(f"Nobody tells who wrote in the {name} ledger, so nobody may approve.") from None


def register_control_totals(dataset: str, totals: Callable[[], Mapping[str, str]]) -> None:
    """Tell how to compute a dataset's control totals from the tables, in the words of `ImportBatch.totals`.

    The data stage compares them with the totals of the last applied file; names the file has and these lack are not
    compared.
    """
    _add(_control_totals, dataset, totals, "Control totals")


def control_totals() -> tuple[tuple[str, Callable[[], Mapping[str, str]]], ...]:
    """Return the control totals to recompute, by dataset name."""
    return tuple(sorted(_control_totals.items()))


def register_audit_codes(*codes: str) -> None:
    """Allow these dotted codes (past tense) in audit rows; a duplicate is a start-up error."""
    for code in codes:
        if code in _audit_codes:
            raise ImproperlyConfigured(f"Audit code {code!r} is registered twice.")
        _audit_codes.add(code)


def is_audit_code(code: str) -> bool:
    """Return whether the code is registered."""
    return code in _audit_codes


def audit_codes() -> tuple[str, ...]:
    """Return all registered audit codes, sorted."""
    return tuple(sorted(_audit_codes))
