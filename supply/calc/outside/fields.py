"""Reading the fields of a problem document: what is wrong is told with its place, value, reason and remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from supply.calc.problem import Floats


class ProblemFormError(ValueError):
    """A document that states no planning problem; the message names place, value, reason and remedy."""

    def __init__(self, place: str, value: object, reason: str, remedy: str) -> None:
        self.place, self.value = place, value
        super().__init__(f"{place}: {value!r} {reason}. {remedy}.")


class Fields:
    """The fields of one object of the document; ``end()`` refuses those that nobody asked for."""

    def __init__(self, given: object, place: str) -> None:
        """Take an object; ``place`` is its path in the document, for messages."""
        if not isinstance(given, Mapping):
            raise ProblemFormError(place, given, "is not an object", "Write {…} with the fields of docs/plan-supply.md")
        self._given, self.place = dict(given), place
        self._asked: list[str] = []

    def has(self, name: str) -> bool:
        """Whether the field is given and not null."""
        self._asked.append(name)
        return self._given.get(name) is not None

    def number(self, name: str, default: float | None = None, *, negative: bool = False) -> float:
        """One finite number, ≥ 0 unless `negative`; `default` where absent, None = it must be there."""
        if not self.has(name):
            return self._default(name, default)
        return _number(self._given[name], f"{self.place}.{name}", negative=negative)

    def share(self, name: str, default: float = 0.0) -> float:
        """A share: at least 0 and below 1."""
        value = self.number(name, default)
        if value >= 1:
            raise ProblemFormError(
                f"{self.place}.{name}", value, "is no share", "Give a share below 1, as 0.03 for 3 %"
            )
        return value

    def series(self, name: str, months: int, default: float | None = None) -> Floats:
        """A number for every period, or one number that counts for all of them, (period,) ≥ 0."""
        place = f"{self.place}.{name}"
        if not self.has(name):
            return np.full(months, self._default(name, default))
        given = self._given[name]
        if not isinstance(given, list):
            return np.full(months, _number(given, place))
        if len(given) != months:
            raise ProblemFormError(place, given, f"has {len(given)} values for {months} periods", "Give one per period")
        return np.array([_number(value, f"{place}[{row}]") for row, value in enumerate(given)])

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        if not self.has(name):
            if default is not None:
                return default
            raise ProblemFormError(f"{self.place}.{name}", None, "is missing", "Give a name")
        value = self._given[name]
        if not isinstance(value, str) or not value.strip():
            raise ProblemFormError(f"{self.place}.{name}", value, "is not a name", "Write a text that is not empty")
        return value.strip()

    def flag(self, name: str, *, default: bool = False) -> bool:
        """true or false."""
        if not self.has(name):
            return default
        value = self._given[name]
        if not isinstance(value, bool):
            raise ProblemFormError(f"{self.place}.{name}", value, "is neither true nor false", "Write true or false")
        return value

    def raw(self, name: str, default: object = None) -> Any:
        """The value as it is."""
        return self._given[name] if self.has(name) else default

    def objects(self, name: str) -> Iterator[Fields]:
        """The objects of a list, one after the other; none where it is absent."""
        given = self.raw(name, [])
        if not isinstance(given, list):
            raise ProblemFormError(f"{self.place}.{name}", given, "is not a list", "Write [{…}, …]")
        for row, value in enumerate(given):
            yield Fields(value, f"{self.place}.{name}[{row}]")

    def end(self) -> None:
        """Refuse a field that is not part of the form: it would be ignored in silence."""
        for name, value in self._given.items():
            if name not in self._asked:
                known = ", ".join(sorted(set(self._asked)))
                raise ProblemFormError(f"{self.place}.{name}", value, "is no field of the form", f"Known here: {known}")

    def _default(self, name: str, default: float | None) -> float:
        if default is None:
            raise ProblemFormError(f"{self.place}.{name}", None, "is missing", "Give a number")
        return default


def _number(value: object, place: str, *, negative: bool = False) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProblemFormError(place, value, "is not a number", "Write a finite number without quotes")
    if value < 0 and not negative:
        raise ProblemFormError(place, value, "is negative", "Give 0 or more")
    return float(value)
