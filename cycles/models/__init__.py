"""Headers of the cycle: people, plans and stages, reviews, runs, snapshots, assumptions and decisions."""

from cycles.models.answers import Assumption, AssumptionState, Decision, DecisionState
from cycles.models.people import Membership, User
from cycles.models.planning import Cycle, Plan, Stage
from cycles.models.review import AuditRow, FindingRecord, SignOff, Waiver
from cycles.models.running import ACTIVE_STATES, Run, RunState
from cycles.models.snapshots import Snapshot, SnapshotRow

__all__ = [
    "ACTIVE_STATES",
    "Assumption",
    "AssumptionState",
    "AuditRow",
    "Cycle",
    "Decision",
    "DecisionState",
    "FindingRecord",
    "Membership",
    "Plan",
    "Run",
    "RunState",
    "SignOff",
    "Snapshot",
    "SnapshotRow",
    "Stage",
    "User",
    "Waiver",
]
