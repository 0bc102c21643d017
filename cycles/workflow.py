"""The state machine of a stage, as one pure table: which action leads from which status to which."""

from __future__ import annotations

from enum import StrEnum


class StageKind(StrEnum):
    """The five stages of a monthly cycle, in the order in which they are approved."""

    DATA = "data"
    DEMAND = "demand"
    SUPPLY = "supply"
    RECONCILIATION = "reconciliation"
    EXECUTIVE = "executive"

    @property
    def position(self) -> int:
        """1 for data … 5 for executive."""
        return list(StageKind).index(self) + 1

    @property
    def label(self) -> str:
        """The name people read on a page."""
        return {"reconciliation": "Pre-S&OP", "executive": "Executive S&OP"}.get(self.value, self.value.capitalize())


class StageStatus(StrEnum):
    """Where a stage stands."""

    NOT_STARTED = "not_started"
    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"

    @property
    def label(self) -> str:
        """The name people read on a chip."""
        return self.value.replace("_", " ").capitalize()


class StageAction(StrEnum):
    """What may happen to a stage. `reset` befalls the later stages when an earlier one is reopened."""

    OPEN = "open"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REOPEN = "reopen"
    RESET = "reset"


class IllegalTransition(ValueError):
    """The action has no meaning in this status."""


TRANSITIONS: dict[tuple[StageStatus, StageAction], StageStatus] = {
    (StageStatus.NOT_STARTED, StageAction.OPEN): StageStatus.OPEN,
    (StageStatus.OPEN, StageAction.SUBMIT): StageStatus.SUBMITTED,
    (StageStatus.SUBMITTED, StageAction.APPROVE): StageStatus.APPROVED,
    (StageStatus.SUBMITTED, StageAction.RETURN): StageStatus.OPEN,
    (StageStatus.APPROVED, StageAction.REOPEN): StageStatus.OPEN,
    (StageStatus.OPEN, StageAction.RESET): StageStatus.NOT_STARTED,
    (StageStatus.SUBMITTED, StageAction.RESET): StageStatus.NOT_STARTED,
    (StageStatus.APPROVED, StageAction.RESET): StageStatus.NOT_STARTED,
}

#: Actions after which the sign-offs given so far no longer hold: the stage's round grows by one.
SUPERSEDING = frozenset({StageAction.RETURN, StageAction.REOPEN, StageAction.RESET})


def next_status(status: StageStatus, action: StageAction) -> StageStatus:
    """Return the status after `action`.

    Raises:
        IllegalTransition: the table has no such row.
    """
    try:
        return TRANSITIONS[(StageStatus(status), StageAction(action))]
    except KeyError:
        raise IllegalTransition(f"A stage that is {StageStatus(status).label.lower()} cannot {action}.") from None


def actions_from(status: StageStatus) -> frozenset[StageAction]:
    """Return the actions that the table knows for `status`."""
    return frozenset(action for before, action in TRANSITIONS if before == status)


def stage_after(kind: StageKind) -> StageKind | None:
    """Return the stage that opens when `kind` is approved; None after the executive stage."""
    kinds = list(StageKind)
    return kinds[kind.position] if kind.position < len(kinds) else None


def stages_after(kind: StageKind) -> tuple[StageKind, ...]:
    """Return every stage later than `kind`, in order."""
    return tuple(list(StageKind)[StageKind(kind).position :])
