"""The Celery application; tasks carry ids only and the Run table is the truth."""

import os
import sys
from pathlib import Path

from celery import Celery
from celery.signals import after_task_publish, beat_init, worker_init, worker_process_init
from django.core.exceptions import ImproperlyConfigured
from django_structlog.celery.steps import DjangoStructLogInitStep

from sop_portal.alive import SignOfLife, show_life
from sop_portal.embedded.entry import use_servers
from sop_portal.embedded.processes import die_with_parent
from sop_portal.roles import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sop_portal.settings")
if "celery" in Path(sys.argv[0]).parts[-2:]:  # the celery command line is an entry of its own, like manage.py
    use_servers()

app = Celery("sop_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].update({DjangoStructLogInitStep, SignOfLife})


@worker_init.connect
def refuse_wrong_role(**_: object) -> None:
    """A worker does not start with a database role that could change history."""
    try:
        refuse_to_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@worker_process_init.connect
def end_with_the_worker(**_: object) -> None:
    """A pool process whose worker was killed must not go on holding connections."""
    die_with_parent()


@beat_init.connect
def show_that_beat_lives(**_: object) -> None:
    """Each message that the broker takes from beat is its sign of life."""
    after_task_publish.connect(show_life)
