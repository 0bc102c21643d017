"""The ASGI application: Django, and the live streams beside it."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.asgi import get_asgi_application

from sop_portal.embedded.entry import use_servers
from sop_portal.live.hub import Hub
from sop_portal.live.streams import LiveStreams
from sop_portal.roles import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sop_portal.settings")
use_servers()
application = LiveStreams(
    get_asgi_application(),
    Hub(most_streams=settings.SOP_LIVE_STREAMS, most_per_user=settings.SOP_LIVE_STREAMS_PER_USER),
)
with ThreadPoolExecutor(1) as thread:  # the server may import this module inside its event loop
    thread.submit(refuse_to_start).result()
