"""A pack is imported file by file in order and stops at the first refused one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from catalog import registry
from catalog.models import Channel, Region, Site
from catalog.services.packs import import_pack, pack_files
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small_company()
    kept = {name: registry.dataset_named(name) for name in ("channels", "markets", "sites")}
    monkeypatch.setattr(registry, "_datasets", kept)
    (tmp_path / "sites.csv").write_text("site,name\nEAST,East plant\n")
    (tmp_path / "markets.csv").write_text("market,name\nWEST,West\n")
    (tmp_path / "channels.csv").write_text("channel,name\nWEB,Web\n")
    (tmp_path / "notes.txt").write_text("not a dataset")
    return tmp_path


def run(pack: Path) -> list[tuple[str, str]]:
    return [(batch.dataset, batch.status) for batch in import_pack(pack, actor=get_user_model()(username="maria"))]


def test_in_order_and_only_known_files(pack: Path) -> None:
    assert run(pack) == [("channels", "applied"), ("markets", "applied"), ("sites", "applied")]
    assert [file.path.name for file in pack_files(pack)] == ["channels.csv", "markets.csv", "sites.csv"]


def test_twice_changes_nothing(pack: Path) -> None:
    run(pack)
    assert {status for _, status in run(pack)} == {"unchanged"}


def test_stops_at_the_first_refused_file(pack: Path) -> None:
    (pack / "markets.csv").write_text("market,name\nWEST,\n")
    assert run(pack) == [("channels", "applied"), ("markets", "refused")]
    assert Channel.objects.filter(code="WEB").exists()
    assert not Region.objects.filter(code="WEST").exists() and not Site.objects.filter(code="EAST").exists()


def test_optional_file_may_be_absent(pack: Path) -> None:
    (pack / "sites.csv").unlink()
    assert [name for name, _ in run(pack)] == ["channels", "markets"]
