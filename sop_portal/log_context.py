"""Which ids every line of the log carries: request, person, plan, run, task; how a request ends, without its query."""

import time
from typing import Any

import structlog
from celery.signals import setup_logging
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog.celery.signals import bind_extra_task_metadata, modify_context_before_task_publish
from django_structlog.middlewares import RequestMiddleware
from django_structlog.signals import bind_extra_request_finished_metadata

from sop_portal.logs import configure

EXECUTE_RUN = "cycles.tasks.execute_run"
TRAVELS = ("request_id", "user_id", "plan")


class RequestLines(RequestMiddleware):
    """One line per answered request: id, person, plan, method, path, code, duration."""

    def prepare(self, request: HttpRequest) -> None:
        """Begin with nothing bound by an earlier request of this thread."""
        structlog.contextvars.clear_contextvars()
        request.began = time.monotonic()  # type: ignore[attr-defined]
        super().prepare(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]) -> None:
        """Bind the plan that the address names."""
        if number := kwargs.get("number"):
            structlog.contextvars.bind_contextvars(plan=number)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path; the query may hold what somebody searched for."""
        return f"{request.method} {request.path}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The address that the server saw (behind a trusted proxy: the caller's), never a header that anybody may send."""
        structlog.contextvars.bind_contextvars(ip=request.META.get("REMOTE_ADDR", ""))


def add_duration(request: HttpRequest, response: HttpResponseBase, log_kwargs: dict[str, Any], **_: object) -> None:
    """Milliseconds from the first middleware below this one to the answer."""
    if (began := getattr(request, "began", None)) is not None:
        log_kwargs["duration_ms"] = round((time.monotonic() - began) * 1000)


def keep_ids(context: dict[str, Any], **_: object) -> None:
    """What travels with a message to a worker: ids only, so that a worker's lines join those of the request."""
    for name in set(context) - set(TRAVELS):
        del context[name]


def bind_run(task: Any, **_: object) -> None:
    """Bind the run that a worker is about to execute."""
    if task.name == EXECUTE_RUN and task.request.args:
        structlog.contextvars.bind_contextvars(run=task.request.args[0])


def use_our_lines(**_: object) -> None:
    """Celery's worker and beat log as everything else does, instead of in a form of their own."""
    configure(settings.LOGGING)


def connect_log_context() -> None:
    """Connect all of it, once."""
    bind_extra_request_finished_metadata.connect(add_duration, dispatch_uid="sop_portal.logs")
    modify_context_before_task_publish.connect(keep_ids, dispatch_uid="sop_portal.logs")
    bind_extra_task_metadata.connect(bind_run, dispatch_uid="sop_portal.logs")
    setup_logging.connect(use_our_lines, dispatch_uid="sop_portal.logs")
