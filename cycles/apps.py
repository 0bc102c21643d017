"""App configuration: registers what the cycle itself brings."""

from django.apps import AppConfig


class CyclesConfig(AppConfig):
    """The monthly cycle."""

    name = "cycles"
    default_auto_field = "django.db.models.BigAutoField"
