"""The ledger of demand edits: record a gesture, take one back."""

from demand.services.ledger.gestures import (
    Cause,
    EditInvalid,
    EditResult,
    Gesture,
    Instruction,
    Mode,
    Node,
    Refusal,
    SeriesUnknown,
    Unit,
)
from demand.services.ledger.recording import record_edit, record_whole_edit
from demand.services.ledger.undoing import undo_edit

__all__ = [
    "Cause",
    "EditInvalid",
    "EditResult",
    "Gesture",
    "Instruction",
    "Mode",
    "Node",
    "Refusal",
    "SeriesUnknown",
    "Unit",
    "record_edit",
    "record_whole_edit",
    "undo_edit",
]
