"""Start of the supply app: registers its datasets, gates, run, section, carry and codes."""

from __future__ import annotations

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    """Capacity, stock, explosion, constrained plan."""

    name = "supply"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Supply"

    def ready(self) -> None:
        """Register what supply brings to the files and to the cycle."""
        from supply import datasets

        datasets.register()
