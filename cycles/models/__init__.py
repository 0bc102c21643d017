"""Headers of the cycle: people, plans, stages, reviews, runs, snapshots, answers, conversations, notifications."""

from cycles.models.answers import Decision, DecisionState
from cycles.models.assumptions import Assumption, AssumptionCheck, AssumptionState
from cycles.models.conversations import Comment, CommentWithdrawal, Mention, Thread
from cycles.models.notifications import Notification, NotificationMute
from cycles.models.people import Membership, User
from cycles.models.planning import Cycle, Plan, Stage
from cycles.models.review import AuditRow, FindingRecord, SignOff, Waiver
from cycles.models.rhythm import Holiday, StageRhythm
from cycles.models.running import ACTIVE_STATES, Run, RunState
from cycles.models.snapshots import Snapshot, SnapshotRow

__all__ = [
    "ACTIVE_STATES",
    "Assumption",
    "AssumptionCheck",
    "AssumptionState",
    "AuditRow",
    "Comment",
    "CommentWithdrawal",
    "Cycle",
    "Decision",
    "DecisionState",
    "FindingRecord",
    "Holiday",
    "Membership",
    "Mention",
    "Notification",
    "NotificationMute",
    "Plan",
    "Run",
    "RunState",
    "SignOff",
    "Snapshot",
    "SnapshotRow",
    "Stage",
    "StageRhythm",
    "Thread",
    "User",
    "Waiver",
]
