"""The row of a queued run: inserted once per input, and older wishes replaced, in one statement."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from cycles.models import ACTIVE_STATES, Plan, Run, RunState, User
from cycles.registry import RunKind

CURRENT = (*ACTIVE_STATES, RunState.SUCCEEDED.value)
#: Nothing comes back when a run of the same inputs is queued, running or succeeded (constraint `run_once_per_input`).
_INSERT = f"""
    WITH made AS (
        INSERT INTO cycles_run (
            kind, version, plan_id, revision, inputs, parameters, input_hash, requested_by_id, requested_at,
            state, attempt, token, done, total, message, result
        ) VALUES (
            %(kind)s, %(version)s, %(plan)s, %(revision)s, %(inputs)s::jsonb, %(parameters)s::jsonb, %(hash)s, %(by)s, clock_timestamp(),
            '{RunState.QUEUED.value}', 0, 0, 0, 0, '', '{{}}'::jsonb
        ) ON CONFLICT DO NOTHING RETURNING *
    ), replaced AS (
        UPDATE cycles_run older SET
            state = '{RunState.SUPERSEDED.value}', message = 'Replaced by run ' || made.id || '.',
            finished_at = statement_timestamp()
        FROM made
        WHERE older.plan_id = made.plan_id AND older.kind = made.kind AND older.state = '{RunState.QUEUED.value}'
            AND older.id < made.id
    )
    SELECT * FROM made
"""


def insert_queued(
    kind: RunKind, plan: Plan | None, *, inputs: dict[str, int], parameters: dict[str, Any], digest: str, actor: User
) -> tuple[Run, bool]:
    """Return the run of these inputs, and whether it is new; older queued runs of the same kind and plan are replaced.

    The rows of other transactions decide: two that ask at once get the same run.
    """
    values = {
        "kind": kind.name,
        "version": kind.version,
        "plan": plan.pk if plan else None,
        "revision": plan.revision if plan else 0,
        "inputs": json.dumps(inputs),
        "parameters": json.dumps(parameters, cls=DjangoJSONEncoder),
        "hash": digest,
        "by": actor.pk,
    }
    made = list(Run.objects.raw(_INSERT, values))
    if made:
        return made[0], True
    return Run.objects.get(input_hash=digest, state__in=CURRENT), False
