"""Scenes made once for a module: its tests look at them, and change them, inside a transaction of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TypeVar

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

Scene = TypeVar("Scene")


def kept(make: Callable[[], Scene]) -> Callable[..., Iterator[Scene]]:
    """A module-scoped fixture around ``make``: what it writes is there for every test and rolled back after the last.

    No test of such a module may ask for ``transactional_db``: it would see an empty database.
    """

    @pytest.fixture(scope="module")
    def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
        with django_db_blocker.unblock(), transaction.atomic():
            yield make()
            transaction.set_rollback(True)

    return made


def fresh(scene: Scene) -> Scene:
    """A copy of a kept scene whose rows one test may change without another seeing it."""
    return deepcopy(scene)
