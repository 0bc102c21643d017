"""docker-compose.yml and Dockerfile as the tests read them: merged by YAML, variables filled as compose fills them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from sop_portal.embedded.locations import CHECKOUT

DOCKERFILE = CHECKOUT / "Dockerfile"
COMPOSE = CHECKOUT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")
PORTAL = ("web", "worker", "beat")


class VariableMissing(KeyError):
    """compose would refuse to start: a required variable is not in .env."""


def filled(text: str, variables: dict[str, str]) -> str:
    """Fill ``${NAME:-default}`` and ``${NAME:?message}`` as docker compose does; ``$$`` is a dollar sign."""

    def fill(match: re.Match[str]) -> str:
        value = variables.get(match["name"], "")
        if value or match["kind"] == "-":
            return value or match["word"]
        raise VariableMissing(match["name"])

    return VARIABLE.sub(fill, text).replace("$$", "$")


def example_variables() -> dict[str, str]:
    """What .env.example asks for, with its examples; secrets are empty."""
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def complete_variables() -> dict[str, str]:
    """A filled-in .env: the examples, and for each secret its own name in small letters."""
    return {name: value or f"{name.lower()}-value" for name, value in example_variables().items()}


def services(variables: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """The services, with variables filled when some are given."""
    text = COMPOSE.read_text()
    parsed: dict[str, Any] = yaml.safe_load(text if variables is None else filled(text, variables))
    found: dict[str, dict[str, Any]] = parsed["services"]
    return found


def instructions(path: Path = DOCKERFILE) -> list[tuple[str, str]]:
    """(instruction, rest) in order, continuation lines joined, comments left out."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def last_stage() -> list[tuple[str, str]]:
    """The instructions of the image that runs."""
    found = instructions()
    start = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]
