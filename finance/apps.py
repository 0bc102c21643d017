"""Start of the finance app: registers its datasets, gates, run, section, carries and codes."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Dollars, bridge, cash, adjustments and actions."""

    name = "finance"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Finance"

    def ready(self) -> None:
        """Register what finance brings to the files and to the cycle, and connect the receivers."""
        import_module("finance.datasets").register()
        import_module("finance.registration").register()
        import_module("finance.subjects").register()
        for module in ("gates", "receivers"):
            import_module(f"finance.{module}")
