"""People of the cycle."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """One person or one service account."""
