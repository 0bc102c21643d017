"""Where the money of a ledger's gesture is told, as data: lower floors lead there without knowing the page."""

from __future__ import annotations

from dataclasses import dataclass

from cycles.registry import _add


@dataclass(frozen=True, slots=True)
class Trace:
    """The page that tells what one gesture of a ledger moved; `url_name` takes the plan number and the revision."""

    ledger: str
    name: str
    url_name: str


_traces: dict[str, Trace] = {}


def register_trace(trace: Trace) -> None:
    """Add a page; a second one of the same ledger is a start-up error."""
    _add(_traces, trace.ledger, trace, "Trace")


def trace_of(ledger: str) -> Trace | None:
    """Return the page of a ledger, None where no app tells it."""
    return _traces.get(ledger)


def traces() -> tuple[Trace, ...]:
    """Return all pages by ledger."""
    return tuple(_traces[name] for name in sorted(_traces))
