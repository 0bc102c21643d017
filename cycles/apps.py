"""App configuration: registers what the cycle itself brings."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class CyclesConfig(AppConfig):
    """The monthly cycle."""

    name = "cycles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the registries and connect the receivers."""
        for module in ("gates", "receivers"):
            import_module(f"cycles.{module}")
        import_module("cycles.registration").register()
        import_module("cycles.subjects").register()
        import_module("cycles.failpoints").arm(
            settings.SOP_FAILPOINTS, folder=settings.SOP_FAILPOINTS_DIR, in_production=settings.HTTPS
        )
        import_module("cycles.duties").register()
