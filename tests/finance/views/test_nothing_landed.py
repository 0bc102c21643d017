"""Pages of a plan before its first landing: each says what it waits for."""

from __future__ import annotations

import pytest

from tests.finance.sample_plan import Sample, sample_plan
from tests.finance.views.test_pages import at, client_of
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

sample_once = kept(sample_plan)


@pytest.fixture
def sample(sample_once: Sample) -> Sample:
    return fresh(sample_once)


@pytest.mark.parametrize("page", ("reconciliation", "executive", "cash", "drill"))
def test_a_plan_without_a_landing_has_its_pages(sample: Sample, page: str) -> None:
    assert client_of(sample, "finance").get(at(page)).status_code == 200


@pytest.mark.parametrize(
    ("page", "words"),
    [("adjustments", "No adjustment is named"), ("actions", "No action yet"), ("shadow", "No dollars yet")],
)
def test_an_empty_page_says_what_belongs_there(sample: Sample, page: str, words: str) -> None:
    assert words in client_of(sample, "finance").get(at(page)).content.decode()
