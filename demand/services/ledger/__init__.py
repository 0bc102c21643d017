"""The ledger of demand edits: record a gesture, take one back."""

from demand.services.ledger.gestures import (
    EditInvalid,
    EditResult,
    Gesture,
    Instruction,
    Mode,
    Node,
    Refusal,
    SeriesUnknown,
)
from demand.services.ledger.recording import record_edit
from demand.services.ledger.undoing import undo_edit

__all__ = [
    "EditInvalid",
    "EditResult",
    "Gesture",
    "Instruction",
    "Mode",
    "Node",
    "Refusal",
    "SeriesUnknown",
    "record_edit",
    "undo_edit",
]
