"""How well a check finds what was seeded: recall, precision and kinds, by row and range of months."""

from __future__ import annotations

from dataclasses import dataclass

from finance.services.shadow.checking import Check, Delta, compare
from finance.services.shadow.reading import read_against
from tests.finance.shadow_workbooks import FIRST_MONTH, Case, Company, Seeded


@dataclass(frozen=True)
class Score:
    """Counts over one or more workbooks. `found` of `seeded`, `right` of `listed`, `named` of `found` by their kind."""

    seeded: int = 0
    found: int = 0
    listed: int = 0
    right: int = 0
    named: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.seeded + other.seeded, self.found + other.found, self.listed + other.listed,
            self.right + other.right, self.named + other.named,
        )  # fmt: skip

    @property
    def recall(self) -> float:
        """Seeded deltas that the list holds."""
        return self.found / self.seeded if self.seeded else 1.0

    @property
    def precision(self) -> float:
        """Listed deltas that were seeded."""
        return self.right / self.listed if self.listed else 1.0

    @property
    def kinds(self) -> float:
        """Found deltas that bear the right name."""
        return self.named / self.found if self.found else 1.0

    def __str__(self) -> str:
        return (
            f"recall {self.recall:.4f} ({self.found} of {self.seeded}), precision {self.precision:.4f} "
            f"({self.right} of {self.listed}), kinds {self.kinds:.4f} ({self.named} of {self.found})"
        )


def check_case(base: Company, case: Case) -> Check:
    """The check of a workbook against the plan that it was made from."""
    return compare(read_against(case.content, base.side, base.names), base.side, base.names)


def score(base: Company, case: Case, check: Check) -> Score:
    """A seeded delta is found when every row of it is listed in a month of it; a listed one is right likewise."""
    labels = [_label(base, case, row) for row in range(len(case.sheet.labels))]
    found = named = 0
    for delta in case.seeded:
        hits = [[listed for listed in check.deltas if _meets(listed, delta, labels[row])] for row in delta.rows]
        found += all(hits)
        named += all(hits) and all(any(hit.kind == delta.kind for hit in row) for row in hits)
    right = sum(
        any(_meets(listed, delta, labels[row]) for delta in case.seeded for row in delta.rows)
        for listed in check.deltas
    )
    return Score(len(case.seeded), found, len(check.deltas), right, named)


def _meets(listed: Delta, delta: Seeded, label: str) -> bool:
    overlaps = listed.first <= FIRST_MONTH + delta.last and listed.last >= FIRST_MONTH + delta.first
    return listed.label == label and overlaps


def _label(base: Company, case: Case, row: int) -> str:
    what, *where = case.sheet.labels[row]
    frame = base.names.families if case.form.level == "family" else base.names.items
    code = frame.loc[frame["name" if case.form.by_name else "code"] == what, "code"].iloc[0]
    return " · ".join([str(code), *where])
