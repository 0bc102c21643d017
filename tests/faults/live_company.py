"""Run inside a portal: sixty viewers and two more with a session each, and an editor who obeys line by line.

Both are called inside `manage.py shell`, in processes of their own.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date

from django.conf import settings
from django.db import transaction
from django.test import Client

from cycles.models import Plan, User
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.cycles import open_cycle
from cycles.services.plans import bump_revision, lock_plan
from cycles.services.runs import request_run

PEOPLE = 60
TO_DISABLE = 2  # beside them, so that sixty are left for the next test


def people() -> None:
    """Open the plan; print its number and `[user id, cookie]` of every viewer."""
    plan = Plan.objects.first() or open_cycle(month=date(2026, 1, 1), actor=service_user(Role.FINANCE))
    cookies = []
    for number in range(TO_DISABLE + PEOPLE):
        user, _ = User.objects.get_or_create(username=f"viewer{number}", defaults={"password": "!", "is_active": True})
        user.is_active = True
        user.save()
        user.memberships.get_or_create(role=Role.VIEWER.value)
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookies.append([user.pk, f"{name}={client.cookies[name].value}"])
    print(json.dumps({"plan": plan.number, "cookies": cookies}))


def editor() -> None:
    """Obey: `edit`, `canary`, `disable ID` (as the admin pages do), `disable-silently ID` (behind their back).

    Answers each with `[moment before on the monotonic clock, what came of it]`.
    """
    plan_id, actor = Plan.objects.values_list("pk", flat=True).get(), service_user(Role.DEMAND_PLANNER)
    for line in sys.stdin:
        word, _, number = line.strip().partition(" ")
        began, came = time.monotonic(), 0
        if word == "edit":
            with transaction.atomic():
                came = bump_revision(lock_plan(plan_id), ledger="demand", actor=actor)
        elif word == "canary":
            came = request_run(kind="cycles.canary", plan=None, actor=actor, parameters={"for": began}).pk
        elif word == "disable":
            person = User.objects.get(pk=int(number))
            person.is_active = False
            person.save()
        elif word == "disable-silently":
            came = User.objects.filter(pk=int(number)).update(is_active=False)
        print(json.dumps([began, came]), flush=True)
