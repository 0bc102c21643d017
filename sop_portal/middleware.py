"""What every answer goes through: static files, limits of a session, no figures in caches."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

GetResponse = Callable[[HttpRequest], HttpResponseBase]
STARTED, SEEN = "session_started", "session_seen"
WRITE_SEEN_EVERY_SECONDS = 60


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


class SessionLimits:
    """Ends a session that was idle too long or that began too long ago, whatever it did since."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next middleware."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Log out past the absolute limit, and remember once a minute that the session is in use."""
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.setdefault(STARTED, now) > settings.SOP_SESSION_ABSOLUTE_SECONDS:
                logout(request)
            elif now - request.session.get(SEEN, 0) > WRITE_SEEN_EVERY_SECONDS:
                request.session[SEEN] = now
        return self.get_response(request)


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
