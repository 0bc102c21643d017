"""Settings of the whole portal, read from the environment and from nowhere else."""

import logging
import os
from pathlib import Path
from typing import Any

import dj_database_url

from sop_portal.embedded.secrets import local_secret
from sop_portal.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
NOT_SERVED = "postgresql://nobody@127.0.0.1:1/not-served"


def flag(name: str) -> bool:
    """True when the environment switches ``name`` on."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def seconds(name: str, default: int) -> int:
    """A whole number of seconds (or of anything else) from the environment."""
    return int(os.environ.get(name, default))


DEBUG = flag("SOP_DEBUG")
HTTPS = flag("SOP_HTTPS")
SECRET_KEY = os.environ.get("SECRET_KEY") or ("" if HTTPS else local_secret())
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "sop_portal",
    "catalog",
    "cycles",
    "demand",
    "supply",
    "finance",
    "integrations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "sop_portal.middleware.StaticFiles",
    "sop_portal.middleware.FewConnections",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sop_portal.middleware.SessionLimits",
    "sop_portal.log_context.RequestLines",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sop_portal.errors.WrongMethods",
    "sop_portal.middleware.NoStore",
]
ROOT_URLCONF = "sop_portal.urls"
ASGI_APPLICATION = "sop_portal.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cycles.context.shell",
                "sop_portal.live.context.live",
            ],
        },
    },
]

# Two roles (docs/operations.md): everything runs as sop_app, only migrations use the owner's connection.
DATABASE_URL = os.environ.get("DATABASE_URL", NOT_SERVED)
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "" if "DATABASE_URL" in os.environ else NOT_SERVED)
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")


def database(url: str, application_name: str) -> dict[str, Any]:
    """Django's description of one connection; short-lived, because under ASGI every request has its own thread."""
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=0))
    config["OPTIONS"] = {"connect_timeout": 5, "application_name": application_name, **config.get("OPTIONS", {})}
    return config


DATABASES: dict[str, dict[str, Any]] = {"default": database(DATABASE_URL, "sop_app")}
if DATABASE_OWNER_URL:
    DATABASES["owner"] = database(DATABASE_OWNER_URL, "sop_owner")
# Computed figures stay inside the process (docs/architecture.md, "Live"): their keys are revisions, so nothing has to be
# told to forget them, and no value of a plan lies in Redis.
_IN_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 3600}
CACHES: dict[str, dict[str, Any]] = {
    "default": {**_IN_MEMORY, "LOCATION": "default"},
    "figures": {**_IN_MEMORY, "LOCATION": "figures", "OPTIONS": {"MAX_ENTRIES": 64}},
    "rates": {**_IN_MEMORY, "LOCATION": "rates", "OPTIONS": {"MAX_ENTRIES": 3}},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "cycles.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

SESSION_COOKIE_AGE = seconds("SOP_SESSION_IDLE_SECONDS", 30 * 60)
SOP_SESSION_ABSOLUTE_SECONDS = seconds("SOP_SESSION_ABSOLUTE_SECONDS", 12 * 60 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else f"sop-session-{os.environ.get('PORT', '8000')}"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "sop_portal.errors.form_expired"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else f"sop-csrf-{os.environ.get('PORT', '8000')}"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("SOP_STATIC_ROOT") or None  # set where `collectstatic` has been run
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_ALLOW_ALL_ORIGINS = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "S&OP Portal",
    "DESCRIPTION": "The approved plan for machines. Pages are cut from an immutable snapshot; see docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"PlanStatusEnum": ["approved", "superseded"], "RowStatusEnum": ["approved"]},
}

# The Run table is the truth and Celery only wakes a worker (DESIGN §6), so a message is acknowledged when it arrives
# and nothing is kept as a result: a lost message is sent again by the sweep, a dead worker's lease runs out.
SOP_SWEEP_SECONDS = seconds("SOP_SWEEP_SECONDS", 10)
SOP_REMIND_SECONDS = seconds("SOP_REMIND_SECONDS", 15 * 60)
SOP_LEASE_SECONDS = seconds("SOP_LEASE_SECONDS", 30)
# For tests that kill processes on purpose (cycles/failpoints.py); refused beside SOP_HTTPS.
SOP_FAILPOINTS = os.environ.get("SOP_FAILPOINTS", "")
SOP_FAILPOINTS_DIR = os.environ.get("SOP_FAILPOINTS_DIR", "")
SOP_CANARY_SECONDS = seconds("SOP_CANARY_SECONDS", 300)
# Live pages (sop_portal/live): streams per process and per person in it; requests of a process that work at a time.
SOP_LIVE = os.environ.get("SOP_LIVE", "1").lower() in {"1", "true", "yes", "on"}
SOP_LIVE_STREAMS = seconds("SOP_LIVE_STREAMS", 200)
SOP_LIVE_STREAMS_PER_USER = seconds("SOP_LIVE_STREAMS_PER_USER", 12)
SOP_WEB_CONNECTIONS = seconds("SOP_WEB_CONNECTIONS", 4)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Without Redis a wake-up fails at once instead of pausing for seconds inside somebody's request: the sweep sends it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "cycles.tasks.sweep_runs", "schedule": SOP_SWEEP_SECONDS},
    "remind-stages": {"task": "cycles.tasks.remind_stages", "schedule": SOP_REMIND_SECONDS},
}

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
LOGGING = logging_config(level=os.environ.get("SOP_LOG_LEVEL", "INFO"), as_json=HTTPS)
LOGGING_CONFIG = "sop_portal.logs.configure"
