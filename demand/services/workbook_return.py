"""A returned workbook: kept, shown as what it would do, and applied as one gesture."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
from django.db import transaction

from catalog.registry import Fault
from cycles.errors import NotAllowedNow
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.plans import lock_plan
from demand.models import EditKind, ReturnedWorkbook
from demand.services.ledger import EditInvalid, EditResult, Gesture, Instruction, Mode, Node, Refusal, record_edit
from demand.services.review import dollars_of
from demand.services.series_store import PAIR, load_values
from demand.services.workbook_in import Judgement, TypedCell, judge_workbook
from demand.services.workbook_out import FIRST_VALUE, MILLI, titles_of


@dataclass(frozen=True)
class Change:
    """A cell that the file would change, and what it is worth: cents, None where the cell has no price."""

    cell: TypedCell
    title: str
    cents: int | None


@dataclass(frozen=True)
class Preview:
    """What a returned workbook would do now. `faults` of the file and of the ledger, by line; `changes` that would stand."""

    judgement: Judgement
    faults: tuple[Fault, ...]
    changes: tuple[Change, ...]

    @property
    def units(self) -> int:
        """Milli-units that the plan would move by."""
        return sum(change.cell.typed - change.cell.now for change in self.changes)

    @property
    def cents(self) -> int:
        """The same in cents, of the cells with a price."""
        return sum(change.cents or 0 for change in self.changes)

    @property
    def unpriced(self) -> int:
        """Changes without a price: their dollars are not known."""
        return sum(change.cents is None for change in self.changes)


def keep_workbook(*, plan: Plan, file_name: str, content: bytes, actor: User) -> ReturnedWorkbook:
    """Keep a file that can be judged; the person's earlier one that was not applied goes. No figure of the plan moves.

    Raises:
        FileRefused: it is no workbook of this plan at all.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
    judge_workbook(plan, content, actor)
    with transaction.atomic():
        ReturnedWorkbook.objects.filter(plan=plan, uploaded_by=actor, edit__isnull=True).delete()
        return ReturnedWorkbook.objects.create(
            plan=plan, file_name=file_name[:200], sha256=hashlib.sha256(content).hexdigest(),
            content=zlib.compress(content), session=uuid4().hex, uploaded_by=actor,
        )  # fmt: skip


def preview_workbook(returned: ReturnedWorkbook, actor: User) -> Preview:
    """What the file would do at this moment: the gesture is recorded and rolled back, so that the ledger itself judges.

    Raises:
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    plan = returned.plan
    judgement = judge_workbook(plan, zlib.decompress(returned.content), actor)
    refused: tuple[Refusal, ...] = ()
    if judgement.cells:
        with transaction.atomic():
            try:
                refused = _record(
                    returned, judgement, (EditKind.OVERRIDE, "Looked at, not applied.", ""), actor
                ).refused
            except EditInvalid as error:
                refused = error.refused
            transaction.set_rollback(True)
    titles = titles_of(plan)
    gone = {one.instruction for one in refused}
    standing = [cell for place, cell in enumerate(judgement.cells) if place not in gone]
    standing = [cell for cell in standing if cell.typed != cell.now]
    faults = [*judgement.faults, *(_told(judgement.cells[one.instruction], one, titles) for one in refused)]
    changes = [
        Change(cell, titles[FIRST_VALUE + cell.month], cents)
        for cell, cents in zip(standing, _cents(plan, standing), strict=True)
    ]
    return Preview(judgement, tuple(sorted(faults, key=lambda fault: fault.row)), tuple(changes))


def apply_workbook(*, returned_id: int, kind: EditKind, reason: str, actor: User, reason_code: str = "") -> EditResult:
    """Record what stands of the file as one gesture with one reason; what is refused stays out. Audited as an edit.

    Before → after: the file waits → it names its edit and its content is gone. The file is judged again under the plan's
    lock, so that nothing is applied that the plan has moved on from.

    Raises:
        ReturnedWorkbook.DoesNotExist: no such file of this person.
        NotAllowedNow: it was applied already, or nothing of it is left to apply.
        ReasonMissing, NotAllowedToYou: as for every edit.
    """
    with transaction.atomic():
        returned = ReturnedWorkbook.objects.select_related("plan").get(pk=returned_id, uploaded_by=actor)
        lock_plan(returned.plan_id)
        returned.refresh_from_db()
        if returned.edit_id is not None:
            raise NotAllowedNow("This file was applied already.")
        judgement = judge_workbook(returned.plan, zlib.decompress(returned.content), actor)
        if not judgement.cells:
            raise NotAllowedNow("Nothing of this file changes the plan.")
        result = _record(returned, judgement, (kind, reason, reason_code), actor)
        if result.edit is not None:
            returned.edit, returned.content = result.edit, b""
            returned.save(update_fields=["edit", "content"])
        return result


def _record(
    returned: ReturnedWorkbook, judgement: Judgement, words: tuple[EditKind, str, str], actor: User
) -> EditResult:
    kind, reason, reason_code = words
    first = returned.plan.first_month_index
    gesture = Gesture(
        mode=Mode.SET,
        instructions=tuple(
            Instruction((Node(item_id=cell.item_id, market_id=cell.market_id),), (first + cell.month,), cell.typed)
            for cell in judgement.cells
        ),
        reason=reason,
        base_revision=judgement.revision,
        session=returned.session,
        kind=kind,
        reason_code=reason_code,
        about={"file": returned.file_name, "file_revision": judgement.revision},
    )
    return record_edit(plan_id=returned.plan_id, gesture=gesture, actor=actor)


def _told(cell: TypedCell, refusal: Refusal, titles: list[str]) -> Fault:
    """A refusal of the ledger as a fault of the file."""
    if refusal.edit is None:
        month = titles[FIRST_VALUE + cell.month]
        return Fault(cell.line, month, f"{cell.typed / MILLI:g}", refusal.reason, refusal.remedy)
    reason = (
        f"{refusal.by} changed {cell.label} to {refusal.value_now / MILLI:g} on {refusal.at:%d %b at %H:%M} UTC;"
        f" the file says it was {cell.was / MILLI:g}."
    )
    remedy = "Their value stays. Type yours in the grid if it shall stand, or take a fresh file."
    return Fault(cell.line, titles[FIRST_VALUE + cell.month], f"{cell.typed / MILLI:g}", reason, remedy)


def _cents(plan: Plan, cells: list[TypedCell]) -> list[int | None]:
    """What each change is worth at the plan's net prices; None where the price is missing."""
    if not cells:
        return []
    keys = np.array([cell.item_id * PAIR + cell.market_id for cell in cells], np.int64)
    values = load_values(plan, {cell.item_id for cell in cells})
    rows = np.searchsorted(values.keys, keys)
    months = np.array([cell.month for cell in cells])
    after = values.consensus.copy()
    after[rows, months] = [cell.typed for cell in cells]
    worth = [
        dollars_of(plan, values.item_ids, values.market_ids, units)[rows, months] for units in (values.consensus, after)
    ]
    return [None if -1 in pair else pair[1] - pair[0] for pair in zip(*(part.tolist() for part in worth), strict=True)]
