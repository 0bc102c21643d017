"""Addresses of the portal: each app brings its own."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from sop_portal.health import healthz, readyz
from sop_portal.live.views import live

APPS = ("cycles", "demand", "supply", "finance", "integrations")

urlpatterns = [
    path("", RedirectView.as_view(url="/cycles/"), name="home"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("live/", live, name="live"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    *(path("", include(f"{app}.urls")) for app in APPS),
]

handler400 = "sop_portal.errors.bad_request"
handler403 = "sop_portal.errors.permission_denied"
handler404 = "sop_portal.errors.page_not_found"
handler500 = "sop_portal.errors.server_error"
