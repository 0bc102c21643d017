"""What every answer goes through: static files, few connections, limits of a session, no figures in caches."""

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from cycles.selectors import keep_rights
from sop_portal.kept_connections import KEPT

GetResponse = Callable[[HttpRequest], HttpResponseBase]
STARTED, SEEN = "session_started", "session_seen"
WRITE_SEEN_EVERY_SECONDS = 60
ASKED_BY_PAGES = {"live", "cycles:active_runs"}
TURN_SECONDS = 30
ALIVE = "/healthz"


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise whose files are answered whole: an iterator over a file cannot be consumed under ASGI."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Answer one static file, with its own status and headers only."""
        found = static_file.get_response(request.method, request.META)
        content = b"" if found.file is None else found.file.read()
        if found.file is not None:
            found.file.close()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response


class FewConnections:
    """At most `SOP_WEB_CONNECTIONS` requests of a process work at a time; each leaves its connection to the next.

    Under ASGI every request has a thread and a connection of its own: when something happens that sixty open pages want
    to see, sixty connections would be asked of PostgreSQL in the same moment. Later ones wait for their turn instead.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next middleware."""
        self.get_response = get_response
        self._turns = threading.BoundedSemaphore(settings.SOP_WEB_CONNECTIONS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Wait for a turn; 503 after half a minute. A question about life alone does not wait."""
        if request.path == ALIVE:
            return self.get_response(request)
        if not self._turns.acquire(timeout=TURN_SECONDS):
            headers = {"Retry-After": "5", "Cache-Control": "no-store"}
            return HttpResponse("The portal is busy; try again in a moment.", "text/plain", 503, headers=headers)
        try:
            with KEPT.borrowed():
                return self.get_response(request)
        finally:
            self._turns.release()


class SessionLimits:
    """Ends a session that was idle too long or that began too long ago, whatever it did since."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next middleware."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Log out past the absolute limit, and remember once a minute that a person uses the session.

        What the person may do is read once per request.
        """
        if request.user.is_authenticated:
            keep_rights(request.user)
            now = int(time.time())
            if now - request.session.setdefault(STARTED, now) > settings.SOP_SESSION_ABSOLUTE_SECONDS:
                logout(request)
        response = self.get_response(request)
        if STARTED in request.session and not _asks_by_itself(request):  # a machine's key makes a user, but no session
            now = int(time.time())
            if now - request.session.get(SEEN, 0) > WRITE_SEEN_EVERY_SECONDS:
                request.session[SEEN] = now
        return response


def _asks_by_itself(request: HttpRequest) -> bool:
    """Whether an open page sent this without a person: an unattended screen must not keep a session alive."""
    return request.resolver_match is not None and request.resolver_match.view_name in ASKED_BY_PAGES


class NoStore:
    """Figures of a company are never kept by a browser or a proxy."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next middleware."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Mark every answer that does not say otherwise as not to be stored."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response
