"""The schema in docs/openapi.yaml is the one that the code gives."""

from __future__ import annotations

from pathlib import Path

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

KEPT = Path(__file__).parents[3] / "docs" / "openapi.yaml"


def test_the_kept_schema_has_not_drifted() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    given = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()
    assert given == KEPT.read_text(), "run: manage.py spectacular --file docs/openapi.yaml --validate"


def test_every_operation_asks_for_a_key_and_tells_its_refusals() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operations = [(path, verb, told) for path, verbs in schema["paths"].items() for verb, told in verbs.items()]
    assert len(operations) == 5 + 5  # plans, and their trace
    for path, verb, told in operations:
        assert told["security"] == [{"machineKey": []}], (path, verb)
        assert {"401", "403", "404", "429"} <= set(told["responses"]), (path, verb)
