"""Dockerfile and docker-compose.yml: judged by two linters, and line by line for what the portal promises of them."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sop_portal.embedded.locations import CHECKOUT
from tests.machine.compose import (
    COMPOSE,
    DOCKERFILE,
    PORTAL,
    VariableMissing,
    complete_variables,
    example_variables,
    instructions,
    last_stage,
    services,
)

SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "SOP_OWNER_PASSWORD", "SOP_APP_PASSWORD", "REDIS_PASSWORD"}
IMAGES = {  # read by the images of others, or by the command of the service
    "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS", "REDISCLI_AUTH", "REDIS_PASSWORD",
}  # fmt: skip
OF_OTHERS = {"FORWARDED_ALLOW_IPS"}  # read by uvicorn
VARIABLES = complete_variables()
DCLINT = CHECKOUT / "node_modules" / "dclint" / "bin" / "dclint.cjs"


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    """Run hadolint on one Dockerfile."""
    return subprocess.run([Path(sys.executable).parent / "hadolint", path], capture_output=True, text=True, check=False)


def dclint(path: Path) -> subprocess.CompletedProcess[str]:
    """Run dclint on one compose file: the compose specification's schema, and its own rules."""
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    return subprocess.run(
        [node, DCLINT, "--max-warnings", "0", "-c", CHECKOUT / ".dclintrc.json", path],
        capture_output=True,
        text=True,
        check=False,
    )


def test_hadolint_has_nothing_to_say() -> None:
    done = hadolint(DOCKERFILE)
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_would_say_it(tmp_path: Path) -> None:
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.read_text().replace("FROM python:3.11-slim-bookworm\n", "FROM python\n"))
    assert "DL3006" in hadolint(worse).stdout


def test_dclint_has_nothing_to_say() -> None:
    done = dclint(COMPOSE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dclint_would_say_it(tmp_path: Path) -> None:
    worse = tmp_path / "docker-compose.yml"
    worse.write_text(COMPOSE.read_text().replace("    user: redis\n", "    usr: redis\n"))
    done = dclint(worse)
    assert done.returncode != 0 and "invalid-schema" in done.stdout


def test_the_image_runs_as_a_numbered_user_who_owns_nothing() -> None:
    stage = last_stage()
    assert [rest for word, rest in stage if word == "USER"] == ["10001:10001"]
    assert not [rest for word, rest in stage if word == "COPY" and "--chown" in rest]
    assert stage[-1] == ("CMD", '["python", "-m", "sop_portal.web"]')


def test_the_image_has_no_tools_of_the_build() -> None:
    stage = last_stage()
    assert [rest.split()[0] for word, rest in stage if word == "COPY"] == ["--from=build"] * 3
    assert not [rest for word, rest in stage if word == "RUN" and re.search(r"apt|pip|npm|curl|wget", rest)]


def test_every_base_is_pinned_by_tag_and_names_no_registry() -> None:
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    bases += [part["image"] for name, part in services().items() if name not in (*PORTAL, "migrate")]
    for base in bases:
        name, _, tag = base.partition(":")
        assert "/" not in name and re.search(r"\d", tag), base


def test_commands_are_in_exec_form() -> None:
    forms = [json.loads(rest) for word, rest in instructions() if word in {"CMD", "ENTRYPOINT"}]
    assert forms == [["python", "-m", "sop_portal.web"]]
    for name in (*PORTAL, "migrate"):
        assert isinstance(services()[name]["command"], list)


def test_health_is_asked_without_curl_of_every_part_that_stays() -> None:
    assert any(word == "HEALTHCHECK" and "docker/health.py" in rest for word, rest in last_stage())
    for name, part in services().items():
        check = part["healthcheck"]
        if name == "migrate":
            assert check == {"disable": True}
        else:
            assert check["interval"] and check["timeout"] and check["retries"] and check["start_period"]
            assert "curl" not in " ".join(check["test"])


@pytest.mark.parametrize("name", [*PORTAL, "migrate", "postgres", "redis"])
def test_nothing_runs_as_root_writes_its_image_or_gains_rights(name: str) -> None:
    part = services()[name]
    assert part["user"] not in ("root", "0", "0:0")
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"] and "cap_add" not in part and "privileged" not in part
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert part["tmpfs"]


def test_the_migration_runs_once_and_everything_waits_for_it() -> None:
    assert services()["migrate"]["restart"] == "no"
    assert services()["migrate"]["command"][1:] == ["manage.py", "migrate", "--no-input"]
    for name in PORTAL:
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services()[name]["restart"] == "unless-stopped"


def test_only_the_migration_sees_the_owner() -> None:
    seen = {name: json.dumps(part.get("environment", {})) for name, part in services(VARIABLES).items()}
    owner = {name for name, text in seen.items() if "sop_owner_password-value" in text}
    assert owner == {"postgres", "migrate"}
    assert "sop_owner" not in "".join(seen[name] for name in PORTAL)
    superuser = {name for name, text in seen.items() if "postgres_password-value" in text}
    assert superuser == {"postgres"}


def test_workers_can_be_many_and_only_web_is_reached_from_outside() -> None:
    for name, part in services().items():
        assert "container_name" not in part
        assert ("ports" in part, "outside" in part["networks"]) == (name == "web", name == "web"), name
    (published,) = services(VARIABLES)["web"]["ports"]
    assert published == "127.0.0.1:8000:8000"


def test_figures_are_stored_in_a_named_volume_only() -> None:
    volumes = {name: part["volumes"] for name, part in services().items() if "volumes" in part}
    assert volumes == {
        "postgres": ["postgres-data:/var/lib/postgresql", "./docker/initdb:/docker-entrypoint-initdb.d:ro"]
    }


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_has_no_default(name: str) -> None:
    assert example_variables()[name] == ""
    with pytest.raises(VariableMissing, match=name):
        services({**VARIABLES, name: ""})


def test_every_variable_is_read_by_the_portal_and_told_in_the_manual() -> None:
    given = {name for part in services().values() for name in part.get("environment", {})} - IMAGES
    sources = [*(CHECKOUT / "sop_portal").rglob("*.py"), *(CHECKOUT / "docker").rglob("*")]
    words = "\n".join(path.read_text() for path in sources if path.is_file() and path.suffix != ".pyc")
    manual = (CHECKOUT / "docs" / "operations.md").read_text()
    for name in sorted(given):
        assert name in OF_OTHERS or re.search(rf"\b{name}\b", words), f"{name} is read by nobody"
    for name in sorted((given - IMAGES) | set(example_variables())):
        assert f"`{name}`" in manual, f"{name} is not in docs/operations.md"
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text()))
    assert asked == set(example_variables())


def test_the_roles_are_those_of_the_embedded_server(tmp_path: Path) -> None:
    """Both ways of making the roles name the same two, with the same rights."""
    script = (CHECKOUT / "docker/initdb/10-roles.sh").read_text()
    embedded = (CHECKOUT / "sop_portal/embedded/postgres.py").read_text()
    for role, may in (("sop_owner", "CREATEDB"), ("sop_app", "NOCREATEDB")):
        assert f'("{role}", "{may}")' in embedded
        assert f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE {may} PASSWORD" in script
    assert "LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD" in embedded
    assert os.access(CHECKOUT / "docker/initdb/10-roles.sh", os.X_OK)


def test_the_image_gets_every_package_that_the_portal_needs() -> None:
    """What .dockerignore lets through: every app, templates, static files; nothing of tests, data or secrets."""
    allowed = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    tree = ast.parse((CHECKOUT / "sop_portal/settings.py").read_text())
    apps = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "INSTALLED_APPS"
    )
    assert {app for app in apps if (CHECKOUT / app).is_dir()} | {"templates", "static", "manage.py"} <= allowed
    assert not allowed & {"tests", ".env", ".data", ".git", "node_modules"}
