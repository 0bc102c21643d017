"""Who is told when a calculation stops or a file is refused."""

from __future__ import annotations

from django.db import transaction

from catalog.models import ImportBatch
from cycles.models import Plan, Run, RunState, User
from cycles.registry import run_kind
from cycles.services.notifications import News, tell
from cycles.workflow import StageKind

#: A run that is in one of these waits for a person.
STOPPED = (RunState.FAILED, RunState.PARKED)


def tell_run_stopped(run_id: int) -> tuple[int, ...]:
    """Tell who asked for a run that it ended without a result.

    Once per run and attempt: queued again and stopped again, it is told again.
    """
    run = Run.objects.select_related("plan", "requested_by").get(pk=run_id)
    about = f"{run_kind(run.kind).title} #{run.pk}"
    key = f"run.stopped:{run.pk}:{run.attempt}:{run.token}"
    with transaction.atomic():
        return tell(News("run.stopped", key, ("run", str(run.pk)), about, run.plan), [run.requested_by])


def tell_import_refused(*, batch: ImportBatch, plan: Plan | None, actor: User) -> tuple[int, ...]:
    """Tell who handed a file in, and who owns the data stage, that it was refused; once per batch.

    The one who handed it in is told too: the file may have come by a command or a machine.
    """
    owner = plan.stages.select_related("owner").get(kind=StageKind.DATA.value).owner if plan else None
    news = News(
        kind="import.refused",
        key=f"import.refused:{batch.pk}",
        subject=("batch", str(batch.pk)),
        about=f"{batch.dataset} · {batch.file_name}",
        plan=plan,
    )
    return tell(news, [actor, owner] if owner else [actor])
