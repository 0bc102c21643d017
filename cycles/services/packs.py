"""Loading a pack: every file of a folder as an import of the usual kind, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from catalog.services.packs import PackIncomplete, pack_files, prepare_company
from cycles.errors import PackRefused
from cycles.models import Run, RunState, User
from cycles.policy import Action
from cycles.selectors import plan_in_progress
from cycles.services.access import authorise
from cycles.services.imports import request_import
from cycles.services.runs import finish_run


def load_pack(*, directory: Path, actor: User, only: Collection[str] = ()) -> Iterator[Run]:
    """Import the files of a folder in the order of their datasets; yields each run as it ended.

    Each file is a transaction of its own with its audit rows. Stops at the first run that did not succeed (it is
    yielded) or file that is refused. The same folder again changes nothing.

    Args:
        directory: the folder.
        actor: who imports; while a cycle is in progress its data stage must be open.
        only: names of datasets to load; all when empty.

    Raises:
        PackRefused: a mandatory file is missing, or the company cannot be told from the files.
        ImportRefused: a file has faults; `batch_id` leads to them.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    authorise(actor=actor, action=Action.IMPORT, plan=plan_in_progress())
    try:
        files = pack_files(directory)
        prepare_company(directory)
    except PackIncomplete as error:
        raise PackRefused(str(error)) from error
    for file in files:
        if only and file.dataset.name not in only:
            continue
        run = request_import(
            dataset=file.dataset.name, file_name=file.path.name, content=file.path.read_bytes(), actor=actor
        )
        run = finish_run(run.pk)
        yield run
        if run.state != RunState.SUCCEEDED:
            return
