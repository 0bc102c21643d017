"""Start of the demand app: registers its datasets, gates, runs, sections, carries and codes."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class DemandConfig(AppConfig):
    """Actuals, baseline and the ledger of edits."""

    name = "demand"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Demand"

    def ready(self) -> None:
        """Register what demand brings to the files and to the cycle, and connect the receivers."""
        import_module("demand.datasets").register()
        import_module("demand.registration").register()
        import_module("demand.subjects").register()
        for module in ("gates", "receivers"):
            import_module(f"demand.{module}")
