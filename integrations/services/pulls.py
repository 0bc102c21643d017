"""What keys fetched of approved plans, for the people who wonder whether the ERP has been here."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from cycles.models import Snapshot
from integrations.models import ApiKey, Pull

NOTE = """
INSERT INTO integrations_pull AS known (api_key_id, snapshot_id, resource, requests, first_at, last_at, completed_at)
VALUES (%(key)s, %(snapshot)s, %(resource)s, 1, %(now)s, %(now)s, %(end)s)
ON CONFLICT (api_key_id, snapshot_id, resource) DO UPDATE SET
    requests = known.requests + 1,
    last_at = excluded.last_at,
    completed_at = coalesce(excluded.completed_at, known.completed_at)
"""


def note_pull(*, api_key: ApiKey, snapshot: Snapshot, resource: Pull.Resource, is_whole: bool) -> None:
    """Count one request of a key for a resource of a snapshot, and note the time when it got the end of the list.

    One statement, so that requests at the same time all count. Changes nothing of the plan and is not audited; a second
    call counts again.
    """
    now = timezone.now()
    end = now if is_whole else None
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE,
            {"key": api_key.pk, "snapshot": snapshot.pk, "resource": resource.value, "now": now, "end": end},
        )
