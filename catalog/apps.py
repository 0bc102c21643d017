"""Start of the catalog app: registers the ground's datasets."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The ground: items, markets, calendar, money, rates, reference plans and imports."""

    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Catalog"

    def ready(self) -> None:
        """Register the ground's datasets once its tables are known."""
        from catalog.datasets import register_all

        register_all()
