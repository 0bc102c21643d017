"""The project: settings, addresses, servers, roles and health of S&OP Portal."""

from sop_portal.celery import app as celery_app

__all__ = ["celery_app"]
