"""Start of the supply app: registers its datasets, gates, run, section, carry and codes."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    """Capacity, stock, explosion, constrained plan."""

    name = "supply"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Supply"

    def ready(self) -> None:
        """Register what supply brings to the files and to the cycle, and connect the receivers."""
        import_module("supply.datasets").register()
        import_module("supply.registration").register()
        import_module("supply.subjects").register()
        for module in ("gates", "receivers"):
            import_module(f"supply.{module}")
