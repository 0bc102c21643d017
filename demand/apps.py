"""Demand: actuals, baseline and the ledger of edits."""

from importlib import import_module, util

from django.apps import AppConfig


class DemandConfig(AppConfig):
    """Registers what this app offers to the apps below it."""

    name = "demand"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules whose import registers datasets, gates, panels, sections and receivers."""
        for module in ("datasets", "gates", "receivers", "registrations"):
            if util.find_spec(f"{self.name}.{module}"):
                import_module(f"{self.name}.{module}")
