"""Mappings by page: a foreign file is refused, mapped, saved, checked again and applied; others see what they may."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Channel, ImportBatch, MappingProfile
from cycles.models import AuditRow, Plan
from cycles.services.runs import drain_runs
from tests.cycles.views.conftest import SignedIn

FOREIGN = "Report\nWay;Text\nDIRECT;Direkt\nWEB;Läden\n".encode("cp1252")
DOCUMENT = """mapping: Shop channels
source: Shop
dataset: channels
file: {encoding: windows-1252, header_row: "2"}
columns: {channel: Way, name: Text}
"""


def hand_in(client: Client, name: str = "shop_1.csv", mapping: str = "(last)") -> ImportBatch:
    sent = {"dataset": "channels", "mapping": mapping, "file": SimpleUploadedFile(name, FOREIGN)}
    answer = client.post("/cycles/imports/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.get(pk=int(answer["Location"].split("/")[-2]))


def save(client: Client, batch: ImportBatch, document: str = DOCUMENT, base: int = 0) -> int:
    sent = {"document": document, "base_revision": base, "verb": "save"}
    return client.post(f"/cycles/mappings/new/?batch={batch.pk}", sent).status_code


def test_a_foreign_file_is_mapped_and_applied(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    batch = hand_in(client)
    assert batch.status == "refused"
    page = client.get(f"/cycles/mappings/new/?batch={batch.pk}").content.decode()
    assert "encoding: windows-1252" in page and "channel: Way" in page and "name: Text" in page
    assert "Läden" in page
    assert save(client, batch) == 302
    checked = client.post(f"/cycles/imports/{batch.pk}/again/Shop channels/")
    again = ImportBatch.objects.get(pk=int(checked["Location"].split("/")[-2]))
    assert (again.status, again.mapping_name, again.mapping_revision) == ("staged", "Shop channels", 1)
    client.post(f"/cycles/imports/{again.pk}/apply/")
    drain_runs()
    assert Channel.objects.get(code="WEB").name == "Läden"
    saved = AuditRow.objects.get(code="cycles.mapping.saved")
    assert (saved.actor.username, saved.after["revision"], saved.before) == ("finance", 1, {})


def test_the_next_file_of_that_name_is_read_with_the_same_mapping(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    first = hand_in(client)
    save(client, first)
    client.post(f"/cycles/imports/{first.pk}/again/Shop channels/")
    assert hand_in(client, "shop_2.csv").mapping_name == "Shop channels"
    assert hand_in(client, "other.csv").mapping_name == ""
    assert hand_in(client, "shop_3.csv", mapping="").status == "refused"


def test_a_mapping_that_moved_is_not_overwritten(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    batch = hand_in(client)
    save(client, batch)
    changed = DOCUMENT.replace("name: Text", "name: Way")
    assert save(client, batch, changed, base=1) == 302
    assert save(client, batch, DOCUMENT + "duplicates: refuse\n", base=1) == 409
    profile = MappingProfile.objects.get()
    assert (profile.revision, profile.document["columns"]["name"]) == (2, "Way")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (DOCUMENT + "colums: {}\n", "colums is unknown"),
        (DOCUMENT.replace("name: Text", "title: Text"), "title is unknown in columns of channels"),
        (DOCUMENT.replace("Shop channels", "../x"), "give a name"),
        (DOCUMENT.replace("source: Shop\n", ""), "name the system"),
        (DOCUMENT.replace("channel: Way", "channel: {from: Way, lookup: ways}"), "no lookup ways"),
        (DOCUMENT + "source: Again\n", "given twice"),
        ("a: [", "no YAML"),
        ("just text", "begins with keys"),
    ],
)
def test_what_is_no_mapping_is_refused_by_name(plan: Plan, signed_in: SignedIn, document: str, said: str) -> None:
    client = signed_in("finance")
    batch = hand_in(client)
    answer = client.post(
        f"/cycles/mappings/new/?batch={batch.pk}", {"document": document, "base_revision": 0, "verb": "save"}
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MappingProfile.objects.exists()


def test_yaml_goes_out_and_comes_back_unchanged(plan: Plan, signed_in: SignedIn, tmp_path: Path) -> None:
    client = signed_in("finance")
    save(client, hand_in(client))
    text = client.get("/cycles/mappings/of/Shop channels/yaml/").content
    sent = {"file": SimpleUploadedFile("m.yaml", text)}
    assert client.post("/cycles/mappings/upload/", sent).status_code == 302
    assert MappingProfile.objects.get().revision == 1
    wrong = {"file": SimpleUploadedFile("m.yaml", text.replace(b"windows-1252", b"latin"))}
    assert client.post("/cycles/mappings/upload/", wrong).status_code == 422


def test_a_withdrawn_mapping_is_offered_no_more(plan: Plan, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    batch = hand_in(client)
    save(client, batch)
    assert client.post("/cycles/mappings/of/Shop channels/withdraw/").status_code == 302
    assert "Shop channels ·" not in client.get("/cycles/imports/").content.decode()
    assert client.post(f"/cycles/imports/{batch.pk}/again/Shop channels/").status_code == 404
    assert save(client, batch, base=2) == 302
    assert not MappingProfile.objects.get().is_withdrawn


@pytest.mark.parametrize("who", ["viewer", "executive", "outsider"])
def test_who_may_not_map(plan: Plan, signed_in: SignedIn, who: str) -> None:
    owner = signed_in("finance")
    batch = hand_in(owner)
    save(owner, batch)
    client = signed_in(who)
    assert client.get("/cycles/mappings/").status_code == 403
    assert client.get("/cycles/mappings/of/Shop channels/").status_code == 403
    assert client.get("/cycles/mappings/of/Shop channels/yaml/").status_code == 403
    assert client.get(f"/cycles/mappings/new/?batch={batch.pk}").status_code == 403
    assert save(client, batch) == 403
    assert client.post("/cycles/mappings/upload/", {}).status_code == 403
    assert client.post("/cycles/mappings/of/Shop channels/withdraw/").status_code == 403
    assert client.post(f"/cycles/imports/{batch.pk}/again/Shop channels/").status_code == 403
    assert not MappingProfile.objects.get().is_withdrawn


@pytest.mark.parametrize(("who", "status"), [("viewer", 200), ("outsider", 404)])
def test_formats_and_templates(plan: Plan, signed_in: SignedIn, who: str, status: int) -> None:
    client = signed_in(who)
    for path in ("", "sales_monthly/", "sales_monthly/template.csv", "sales_monthly/template.xlsx"):
        assert client.get(f"/cycles/formats/{path}").status_code == status
    assert client.get("/cycles/formats/nothing/").status_code == 404
    assert client.get("/cycles/formats/sales_monthly/template.exe").status_code == 404
    assert client.post("/cycles/formats/").status_code == 405
