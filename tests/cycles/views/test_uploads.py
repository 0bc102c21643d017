"""Files by the upload page: checked, shown with faults or difference, applied on request."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Channel, ImportBatch
from cycles.models import Plan, Run
from cycles.services.runs import drain_runs
from tests.cycles.views.conftest import SignedIn

GOOD = b"channel,name\nDIRECT,Direct\nDEALER,Dealers\nONLINE,Online\n"
BAD = b"channel,name\nDIRECT,Direct\n,Nameless\n"


def _hand_in(client: Client, content: bytes) -> str:
    sent = {"dataset": "channels", "file": SimpleUploadedFile("channels.csv", content)}
    answer = client.post("/cycles/imports/", sent)
    assert answer.status_code == 302
    return str(answer["Location"])


def test_difference_is_shown_before_it_is_applied(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    page = _hand_in(client, GOOD)
    text = client.get(page).content.decode()
    assert "The file passes every check" in text
    assert not Channel.objects.filter(code="ONLINE").exists()
    assert client.post(f"{page}apply/").status_code == 302
    drain_runs()
    assert Channel.objects.filter(code="ONLINE").exists()
    assert "Applied." in client.get(page).content.decode()


def test_same_file_again_changes_nothing(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    client.post(f"{_hand_in(client, GOOD)}apply/")
    drain_runs()
    assert "it changes nothing" in client.get(_hand_in(client, GOOD)).content.decode()


def test_fault_is_listed_and_nothing_can_be_applied(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    page = _hand_in(client, BAD)
    text = client.get(page).content.decode()
    assert "Nothing was applied" in text
    assert "<code>channel</code>" in text
    assert client.post(f"{page}apply/").status_code == 409
    assert not Run.objects.filter(kind="cycles.import").exists()


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("executive", 403), ("outsider", 403), ("admin", 200)])
def test_who_may_hand_in(plan: Plan, signed_in: SignedIn, who: str, status: int) -> None:
    assert signed_in(who).get("/cycles/imports/").status_code == status


def test_stranger_finds_no_batch(plan: Plan, signed_in: SignedIn) -> None:
    page = _hand_in(signed_in("finance"), GOOD)
    assert signed_in("outsider").get(page).status_code == 404
    assert signed_in("viewer").get(page).status_code == 200
    assert signed_in("viewer").post(f"{page}apply/").status_code == 403
    assert ImportBatch.objects.get().status == "staged"
