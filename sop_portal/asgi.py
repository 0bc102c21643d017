"""The ASGI application."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.core.asgi import get_asgi_application

from sop_portal.embedded.entry import use_servers
from sop_portal.roles import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sop_portal.settings")
use_servers()
application = get_asgi_application()
with ThreadPoolExecutor(1) as thread:  # the server may import this module inside its event loop
    thread.submit(refuse_to_start).result()
