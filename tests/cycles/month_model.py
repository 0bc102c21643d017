"""A model of the month, written from the text of DESIGN §2 and sharing no code with the cycle."""

from __future__ import annotations

from dataclasses import dataclass, field

STAGES = ("data", "demand", "supply", "reconciliation", "executive")
PEOPLE = {
    "demand_planner": "demand planner",
    "demand_planner2": "demand planner",
    "supply_planner": "supply planner",
    "supply_planner2": "supply planner",
    "finance": "finance",
    "finance2": "finance",
    "executive": "executive",
    "admin": "admin",
    "viewer": "viewer",
    "outsider": "",
}
SUBMITS = {
    "data": ("demand planner", "finance"),
    "demand": ("demand planner",),
    "supply": ("supply planner",),
    "reconciliation": ("finance",),
    "executive": ("finance",),
}
APPROVES = {
    "data": ("supply planner", "finance"),
    "demand": ("finance", "demand planner"),
    "supply": ("finance", "supply planner"),
    "reconciliation": ("executive", "finance"),
    "executive": ("executive",),
}
NEEDS = {"submit": "open", "approve": "submitted", "return": "submitted", "reopen": "approved"}


@dataclass
class Month:
    """Statuses, rounds and submitters of the five stages, the snapshots taken and who wrote in which ledger."""

    statuses: dict[str, str] = field(default_factory=lambda: dict.fromkeys(STAGES, "not_started") | {"data": "open"})
    rounds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 1))
    submitters: dict[str, str] = field(default_factory=dict)
    authors: dict[str, set[str]] = field(default_factory=lambda: {"demand": set(), "supply": set(), "finance": set()})
    snapshots: int = 0

    def answer(self, action: str, stage: str, person: str) -> str:
        """'ok', 'not you' or 'not now'."""
        roles = SUBMITS[stage] if action == "submit" else APPROVES[stage]
        if PEOPLE[person] not in roles:
            return "not you"
        if self.statuses[stage] != NEEDS[action]:
            return "not now"
        if action == "approve" and (self.submitters[stage] == person or self._wrote(stage, person)):
            return "not you"
        return "ok"

    def _wrote(self, stage: str, person: str) -> bool:
        ledgers = {
            "demand": ["demand"],
            "supply": ["supply"],
            "reconciliation": ["finance"],
            "executive": ["demand", "supply", "finance"],
        }
        return any(person in self.authors[ledger] for ledger in ledgers.get(stage, []))

    def act(self, action: str, stage: str, person: str) -> None:
        """Apply an action that was answered 'ok'."""
        place = STAGES.index(stage)
        if action == "submit":
            self.statuses[stage], self.submitters[stage] = "submitted", person
        elif action == "approve":
            self.statuses[stage] = "approved"
            if stage == "executive":
                self.snapshots += 1
            else:
                self.statuses[STAGES[place + 1]] = "open"
        else:
            self.statuses[stage] = "open"
            self.rounds[stage] += 1
            for later in STAGES[place + 1 :] if action == "reopen" else ():
                if self.statuses[later] != "not_started":
                    self.statuses[later] = "not_started"
                    self.rounds[later] += 1
