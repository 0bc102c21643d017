"""The recorded rules that may answer what is open in a month that nobody walks by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cycles.errors import DomainError

SUBJECTS = ("gap", "findings", "exceptions", "overloads")


class UnknownRule(DomainError):
    """An --accept that is not RULE=REASON, or whose rule nobody knows."""


class NoRule(DomainError):
    """Something is open that no rule of the command line answers. Carries what to add."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be accepted, and why. Grain: one reason per rule.

    A rule is 'gap', 'findings', 'exceptions' or 'overloads', or the code of one gate ('supply.opening_stock'), which is
    narrower and is looked at first.
    """

    reasons: dict[str, str]

    def reason_for(self, subject: str, *, code: str = "") -> str | None:
        """Return the recorded reason for a gate's code, else for its whole subject; None when there is no rule."""
        for rule in (code, subject):
            if rule and rule in self.reasons:
                return f"Rule {rule}: {self.reasons[rule]}"
        return None

    def require(self, subject: str, what: str, *, code: str = "") -> str:
        """Return the reason.

        Raises:
            NoRule: nothing on the command line answers it; the message says what to add.
        """
        reason = self.reason_for(subject, code=code)
        if reason is None:
            raise NoRule(f'{what} Answer it on the page, or allow it here with --accept {subject}="your reason".')
        return reason


def parse_rules(texts: Iterable[str]) -> Rules:
    """Read RULE=REASON texts.

    Raises:
        UnknownRule: no '=', an empty reason, or a rule that is neither a subject nor a dotted gate code.
    """
    reasons: dict[str, str] = {}
    for text in texts:
        rule, sign, reason = text.partition("=")
        rule, reason = rule.strip(), reason.strip()
        if not sign or not reason:
            raise UnknownRule(f"--accept {text!r} is not RULE=REASON.")
        if rule not in SUBJECTS and "." not in rule:
            raise UnknownRule(f"--accept knows {', '.join(SUBJECTS)} and the codes of gates; {rule!r} is none of them.")
        reasons[rule] = reason
    return Rules(reasons)
