"""Transfers of a document: the same good at two sites is two items, and units of one may be sent to the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.calc.outside.fields import Fields, ProblemFormError
from supply.calc.problem import Floats


@dataclass(frozen=True)
class TransferTerms:
    """One way: names of the items, ``lead`` periods under way, ``freight`` per unit and ``most`` units by the period in
    which they leave (period,)."""

    source: str
    target: str
    lead: int
    freight: Floats
    most: Floats


def read_transfers(fields: Fields, months: int, items: list[str]) -> tuple[TransferTerms, ...]:
    """The list `transfers` of a document.

    Raises:
        ProblemFormError: An end is no item, both are the same, or a way is there twice.
    """
    found: list[TransferTerms] = []
    for each in fields.objects("transfers"):
        lead = each.number("lead", 0.0)
        terms = TransferTerms(
            source=each.text("from"),
            target=each.text("to"),
            lead=int(lead),
            freight=each.series("freight", months, 0.0),
            most=each.series("limit", months, np.inf),
        )
        each.end()
        if lead != terms.lead:
            raise ProblemFormError(f"{each.place}.lead", lead, "is no whole number of periods", "Write 0, 1, 2, …")
        for name, item in (("from", terms.source), ("to", terms.target)):
            if item not in items:
                raise ProblemFormError(f"{each.place}.{name}", item, "is no item", f"Items: {', '.join(items)}")
        if terms.source == terms.target:
            raise ProblemFormError(
                f"{each.place}.to", terms.target, "is where the units come from", "Name another item"
            )
        if any((terms.source, terms.target) == (other.source, other.target) for other in found):
            raise ProblemFormError(each.place, terms.source, "is there twice with the same end", "Keep one of them")
        found.append(terms)
    return tuple(found)
