"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

from sop_portal.embedded.entry import use_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sop_portal.settings")
use_servers()
application = get_asgi_application()
