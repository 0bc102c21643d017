"""Keys: shown once, in force as long as they say, ended at once when revoked."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from cycles.errors import NotAllowedNow, NotAllowedToYou
from cycles.models import AuditRow
from integrations.models import ApiKey, Scope
from integrations.services.keys import (
    KeyBadlyMade,
    KeyRefused,
    KeyWish,
    issue_key,
    recognise_key,
    revoke_key,
    rotate_key,
)
from tests.cast import make_cast

pytestmark = pytest.mark.django_db
HERE = "127.0.0.1"
WISH = KeyWish("ERP", [Scope.READ_PLANS])


def test_a_key_is_recognised_and_its_secret_is_not_stored() -> None:
    issued = issue_key(wish=WISH, actor=make_cast().admin)
    secret = issued.token.split("_")[2]
    assert len(bytes.fromhex(secret)) * 8 == 256
    assert recognise_key(token=issued.token, address=HERE) == issued.key
    assert issued.key.digest == hashlib.sha256(secret.encode()).hexdigest()


def test_issuing_is_audited_without_the_secret() -> None:
    issued = issue_key(wish=WISH, actor=make_cast().admin)
    row = AuditRow.objects.get(code="integrations.key.issued")
    assert issued.key.prefix in row.subject
    assert issued.token.split("_")[2] not in str(row.after)


@pytest.mark.parametrize("role", ["demand_planner", "supply_planner", "finance", "executive", "viewer", "outsider"])
def test_only_admins_issue(role: str) -> None:
    with pytest.raises(NotAllowedToYou):
        issue_key(wish=WISH, actor=getattr(make_cast(), role))
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("token", ["", "sop", "sop__", "sop_000000000000_00", "x_y_z", "sop_\x00_\x00"])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(KeyRefused):
        recognise_key(token=token, address=HERE)


def test_the_right_prefix_with_another_secret_is_refused() -> None:
    issued = issue_key(wish=WISH, actor=make_cast().admin)
    with pytest.raises(KeyRefused):
        recognise_key(token=issued.token[:-1] + ("0" if issued.token[-1] != "0" else "1"), address=HERE)


def test_an_expired_key_is_refused() -> None:
    issued = issue_key(wish=WISH, actor=make_cast().admin)
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(KeyRefused):
        recognise_key(token=issued.token, address=HERE)


def test_a_revoked_key_is_refused_and_stays_revoked() -> None:
    admin = make_cast().admin
    issued = issue_key(wish=WISH, actor=admin)
    first = revoke_key(key_id=issued.key.pk, reason="lost", actor=admin)
    assert revoke_key(key_id=issued.key.pk, reason="again", actor=admin).revoked_at == first.revoked_at
    assert AuditRow.objects.filter(code="integrations.key.revoked").count() == 1
    with pytest.raises(KeyRefused):
        recognise_key(token=issued.token, address=HERE)


def test_a_rotated_key_works_until_the_overlap_ends() -> None:
    admin = make_cast().admin
    old = issue_key(wish=WISH, actor=admin)
    new = rotate_key(key_id=old.key.pk, actor=admin, overlap=timedelta(hours=1))
    assert recognise_key(token=old.token, address=HERE).replaced_by == new.key
    assert recognise_key(token=new.token, address=HERE) == new.key
    left = ApiKey.objects.get(pk=old.key.pk).expires_at - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    with pytest.raises(NotAllowedNow):
        rotate_key(key_id=old.key.pk, actor=admin)


@pytest.mark.parametrize(("address", "fits"), [("10.1.2.3", True), ("10.2.0.1", False), ("", False)])
def test_a_key_comes_from_its_networks_only(address: str, fits: bool) -> None:
    issued = issue_key(wish=KeyWish("ERP", [Scope.READ_PLANS], ["10.1.0.0/16"]), actor=make_cast().admin)
    if fits:
        assert recognise_key(token=issued.token, address=address) == issued.key
    else:
        with pytest.raises(KeyRefused):
            recognise_key(token=issued.token, address=address)


def test_use_is_noted_once_a_minute() -> None:
    issued = issue_key(wish=WISH, actor=make_cast().admin)
    recognise_key(token=issued.token, address=HERE)
    seen = ApiKey.objects.get().last_used_at
    recognise_key(token=issued.token, address=HERE)
    assert seen is not None
    assert ApiKey.objects.get().last_used_at == seen


@pytest.mark.parametrize(
    "wish",
    [
        KeyWish(" ", [Scope.READ_PLANS]),
        KeyWish("ERP", []),
        KeyWish("ERP", [Scope.READ_PLANS], ["everywhere"]),
        KeyWish("ERP", [Scope.READ_PLANS], expires_at=timezone.now() - timedelta(days=1)),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(wish: KeyWish) -> None:
    with pytest.raises(KeyBadlyMade):
        issue_key(wish=wish, actor=make_cast().admin)
