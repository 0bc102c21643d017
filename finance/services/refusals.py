"""Refusals of finance that say which field, which value, why, and what to do about it."""

from __future__ import annotations

from cycles.errors import DomainError


class AnswerRefused(DomainError):
    """What was entered contradicts itself or the plan. `field` is the name of the form's field."""

    code = "answer_refused"

    def __init__(self, field: str, value: object, reason: str, remedy: str) -> None:
        super().__init__(f"{field.replace('_', ' ').capitalize()} “{value}”: {reason} {remedy}")
        self.field, self.value, self.reason, self.remedy = field, value, reason, remedy
