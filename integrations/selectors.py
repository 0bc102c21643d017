"""Which frozen plans a machine may see: approved snapshots, the last one first."""

from __future__ import annotations

from cycles.models import Snapshot
from cycles.selectors import latest_snapshot


def approved_snapshot(number: str) -> Snapshot | None:
    """The approved snapshot of that number ('2013-11', '2013-11.1'), or the last one for 'latest'; None if absent.

    A working plan is never returned: only what an executive approved exists here.
    """
    if number == "latest":
        return latest_snapshot()
    return Snapshot.objects.select_related("plan").filter(number=number).first()
