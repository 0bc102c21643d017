"""Errors that a person can understand and act on. Pages and the API show their text; nothing else is shown."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a reason: the rule, not a defect. `code` is stable and goes into API answers."""

    code = "refused"


class NotAllowedToYou(DomainError):
    """Your roles never permit this."""

    code = "not_allowed_to_you"


class NotAllowedNow(DomainError):
    """Your role permits this, but not in the present state."""

    code = "not_allowed_now"


class GateBlocked(DomainError):
    """One or more gates hold the stage back; `findings` lists what blocks."""

    code = "gate_blocked"

    def __init__(self, message: str, findings: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class NotWaivable(DomainError):
    """The finding does not exist now, or may never be waived."""

    code = "not_waivable"


class ReasonMissing(DomainError):
    """This step needs a reason in words."""

    code = "reason_missing"


class StatementUnfit(DomainError):
    """What was written down contradicts itself or the rules: a month after its end, a place the metric does not know."""

    code = "statement_unfit"


class MentionRefused(DomainError):
    """A comment names somebody who may not see what it is about."""

    code = "mention_refused"


class LeaseLost(DomainError):
    """Another worker has taken the run over; what was computed here must not be published."""

    code = "lease_lost"


class Superseded(DomainError):
    """A newer result of the same kind is already published for the plan."""

    code = "superseded"


class SectionMissing(DomainError):
    """A part of the snapshot is not registered, so the plan cannot be frozen whole."""

    code = "section_missing"


class UnknownEntry(DomainError):
    """A registry has no entry of this name."""

    code = "unknown_entry"


class ImportRefused(DomainError):
    """A file has faults; `batch_id` is the staged batch that lists them."""

    code = "import_refused"

    def __init__(self, message: str, batch_id: int) -> None:
        super().__init__(message)
        self.batch_id = batch_id


class PackRefused(DomainError):
    """A folder of files is not complete enough to be imported."""

    code = "pack_refused"
