"""Signals of the cycle. All are sent INSIDE the transaction: receivers may only insert rows (queued runs, notifications)."""

from __future__ import annotations

from django.dispatch import Signal

#: plan_id: int, stage: StageKind, before: StageStatus, after: StageStatus, actor: User
stage_changed = Signal()

#: plan: Plan (locked, as it is now), plan_id: int, ledger: str ('demand' | 'supply' | 'finance' | 'rates'),
#: actor: User | None
plan_revised = Signal()

#: run_id: int, kind: str, plan_id: int | None, actor: User; sent when a result is published
run_succeeded = Signal()

#: dataset: str, batch_id: int, changed: bool, actor: User; sent when an import was applied
dataset_applied = Signal()

#: user_ids: tuple[int, ...]; sent when these people were told something, or have read it
notified = Signal()

#: plan_id: int, kind: str, key: str; sent when the conversation about a subject changed
commented = Signal()

#: run_id: int, kind: str, plan_id: int | None, state: RunState, percent: int; sent when a run's state or progress moved
run_moved = Signal()

#: plan_id: int, window: dict (session, name, row, editing, gone); sent when somebody's window on a plan moved. Not in a transaction.
person_moved = Signal()
