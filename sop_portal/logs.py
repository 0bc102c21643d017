"""One line per event on standard error: JSON in production, plain text on a developer's machine.

Ids, never values: a line names request, person, plan, run and task; what somebody typed, a figure, a key or the text of
an unforeseen error (which may quote a row) does not get into it. docs/operations.md lists the fields.
"""

import logging.config
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import psycopg2
import structlog

EventDict = MutableMapping[str, Any]
LEFT_OUT = "message left out: it may quote plan values"
TOLD = ("ImproperlyConfigured", "OperationalError", "ConnectionError", "TimeoutError")
HEALTH = ("GET /healthz", "GET /readyz")
QUOTING = ("error", "exception", "result")


def place_of(trace: TracebackType | None) -> list[str]:
    """The frames of a traceback, outermost first, as 'file:line function'; no source line, no variable."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def told_error(error: BaseException) -> str:
    """An error in words that quote no row: its class, and its message where that speaks of the machine only."""
    kind = type(error).__name__
    if isinstance(error, psycopg2.Error):
        primary = error.diag.message_primary if error.pgcode else str(error)
        return f"{kind} {error.pgcode or ''}: {(primary or '').strip()}".strip()
    if isinstance(error.__cause__, psycopg2.Error):
        return f"{kind}: {told_error(error.__cause__)}"
    if kind in TOLD or isinstance(error, OSError):
        return f"{kind}: {error}"
    return f"{kind} ({LEFT_OUT})"


def without_values(logger: object, name: str, event: EventDict) -> EventDict:
    """Replace an exception by its class and place, and drop what Celery quotes of it."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1] or event.get("exception")
    error = given[1] if isinstance(given, tuple) else given
    for quoted in QUOTING:
        event.pop(quoted, None)
    if isinstance(error, BaseException):
        event["error"] = told_error(error)
        event["place"] = place_of(error.__traceback__)
    return event


def without_health(logger: object, name: str, event: EventDict) -> EventDict:
    """Drop the line of a health check that passed: they come every few seconds and tell nothing."""
    if event.get("request") in HEALTH and event.get("code", 500) < 400:
        raise structlog.DropEvent
    return event


SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """The dictConfig of the portal: every logger goes through structlog's formatter.

    Quiet: what is told once elsewhere (Celery's own line per task, Django's second line of a failed request).
    """
    text = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer = structlog.processors.JSONRenderer() if as_json else text
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "capture_warnings": as_json,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *([without_values] if as_json else []),
                    renderer,
                ],
                "foreign_pre_chain": SHARED,
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "CRITICAL" if as_json else "ERROR"},
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "django_structlog": {"level": "INFO" if as_json else "WARNING"},
            "uvicorn.access": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Switch on logging and structlog together (Django's LOGGING_CONFIG callback)."""
    logging.config.dictConfig(config)
    logging.captureWarnings(config["capture_warnings"])
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            without_health,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
