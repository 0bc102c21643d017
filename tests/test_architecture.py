"""The rules of the house, measured: floors, sizes, names, docstrings, templates (docs/architecture.md)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("catalog", "cycles", "demand", "supply", "finance", "integrations")
SOURCES = (*APPS, "sop_portal")
OPEN_TO_HIGHER_APPS = {
    "models", "selectors", "frames", "services", "registry", "signals", "calc", "workflow", "policy", "errors",
    "failpoints",
}  # fmt: skip
PAGE_PIECES = {
    "cycles.charts",
    "cycles.context",
    "cycles.views.answering",
}  # what the cycle offers to the pages of higher apps
FILE_LINES, CLASS_LINES, PARAMETERS, POSITIONAL = 400, 180, 6, 4
PAGE_LINES, PARTIAL_LINES, SCRIPT_LINES = 250, 100, 250
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "data", "info"}
DOCUMENTED = {"calc", "services", "frames", "registry", "policy", "workflow", "gates"}
INLINE = re.compile(r"<style\b|\sstyle=|\son[a-z]+=|javascript:|<script\b(?![^>]*\bsrc=)", re.IGNORECASE)
SLOW = re.compile(r"\.iterrows\(|\.apply\([^)]*axis=1")


@dataclass(frozen=True)
class Module:
    """One parsed source file; ``parts`` are its dotted names below the root."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        """('finance', 'calc', 'bridge')."""
        return self.path.relative_to(ROOT).with_suffix("").parts

    @property
    def floor(self) -> str:
        """The floor of its app that the module belongs to, such as ``calc`` or ``views``."""
        return self.parts[1] if len(self.parts) > 1 else ""

    def at(self, node: ast.AST) -> str:
        """Where a fault is."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> Iterator[Module]:
    """Every source file of ``folders`` except migrations."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield read(path)


@cache
def read(path: Path) -> Module:
    """A source file, read and parsed once for all rules."""
    text = path.read_text()
    return Module(path, text, ast.parse(text))


def functions(module: Module) -> Iterator[Function]:
    """All functions and methods of a module."""
    return (node for node in ast.walk(module.tree) if isinstance(node, Function))


def body_lines(node: Function | ast.ClassDef) -> int:
    """Lines of a definition without decorators and without its docstring: words about code are not code."""
    assert node.end_lineno is not None
    length = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        assert first.end_lineno is not None
        length -= first.end_lineno - first.lineno + 1
    return length


def limit_of(module: Module, node: Function) -> int:
    """The longest that a function may be on its floor."""
    if module.floor == "views" and node.args.args and node.args.args[0].arg == "request":
        return 35
    if module.floor == "tasks" and any("shared_task" in ast.unparse(decorator) for decorator in node.decorator_list):
        return 12
    if module.floor == "receivers" and any("receiver" in ast.unparse(decorator) for decorator in node.decorator_list):
        return 8
    return 40 if module.floor == "calc" else 45


def report(faults: list[str]) -> None:
    """Fail with one fault per line."""
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def test_import_contracts_hold() -> None:
    run = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_an_app_uses_only_the_open_floors_of_a_lower_one() -> None:
    faults = []
    for module in modules(*APPS):
        for node in ast.walk(module.tree):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                app, _, rest = name.partition(".")
                if app not in APPS or app == module.parts[0] or not rest or name in PAGE_PIECES:
                    continue
                if rest.split(".")[0] not in OPEN_TO_HIGHER_APPS:
                    faults.append(f"{module.at(node)} imports {name}")
    report(faults)


def test_files_are_short() -> None:
    found = [(len(module.text.splitlines()), module) for module in modules(*SOURCES, "tests")]
    report([f"{module.at(module.tree)} has {lines} lines" for lines, module in found if lines > FILE_LINES])


def test_functions_and_classes_are_short() -> None:
    faults = []
    for module in modules(*SOURCES):
        for node in functions(module):
            if body_lines(node) > limit_of(module, node):
                faults.append(f"{module.at(node)} {node.name}: {body_lines(node)} lines > {limit_of(module, node)}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and body_lines(node) > CLASS_LINES:
                faults.append(f"{module.at(node)} class {node.name}: {body_lines(node)} lines > {CLASS_LINES}")
    report(faults)


def test_parameters_are_few_and_named() -> None:
    faults = []
    for module in modules(*SOURCES):
        for node in functions(module):
            positional = [arg for arg in node.args.posonlyargs + node.args.args if arg.arg not in {"self", "cls"}]
            count = len(positional) + len(node.args.kwonlyargs)
            if count > PARAMETERS:
                faults.append(f"{module.at(node)} {node.name} has {count} parameters")
            elif (
                len(positional) > POSITIONAL and module.floor in {"services", "calc"} and not node.name.startswith("_")
            ):
                faults.append(f"{module.at(node)} {node.name} has {len(positional)} positional parameters")
    report(faults)


def test_every_file_says_its_job() -> None:
    silent = [module for module in modules(*SOURCES) if module.tree.body and not ast.get_docstring(module.tree)]
    report([f"{module.at(module.tree)} has no docstring" for module in silent])


def test_public_functions_of_the_rules_are_documented() -> None:
    faults = []
    for module in modules(*APPS):
        if module.floor in DOCUMENTED:
            for node in module.tree.body:
                public = isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
                if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                    faults.append(f"{module.at(node)} {node.name} has no docstring")  # type: ignore[attr-defined]
    report(faults)


def test_models_are_documented() -> None:
    faults = []
    for module in modules(*APPS):
        if module.floor == "models":
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef) and not ast.get_docstring(node):
                    faults.append(f"{module.at(node)} {node.name} has no docstring")
    report(faults)


def test_names_say_what_is_inside() -> None:
    pages = {("cycles", "views", "data")}  # named like the page that it draws
    named = [
        module for module in modules(*SOURCES) if set(module.parts) & FORBIDDEN_NAMES and module.parts not in pages
    ]
    faults = [f"{module.at(module.tree)}" for module in named]
    for module in modules(*SOURCES):
        for node in functions(module):
            if node.name.startswith(("handle_", "process_")) and node.name != "process_view":
                faults.append(f"{module.at(node)} {node.name}")
    report(faults)


def test_no_slow_loops_over_frames() -> None:
    report([f"{module.at(module.tree)}" for module in modules(*SOURCES) if SLOW.search(module.text)])


def test_templates_have_no_inline_script_or_style() -> None:
    faults = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if INLINE.search(line):
                faults.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}")
    report(faults)


def test_templates_and_scripts_are_short() -> None:
    faults = []
    for path in sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]):
        partial = path.suffix == ".html" and path.name.startswith("_")
        limit = SCRIPT_LINES if path.suffix == ".js" else PARTIAL_LINES if partial else PAGE_LINES
        lines = len(path.read_text().splitlines())
        if lines > limit:
            faults.append(f"{path.relative_to(ROOT)} has {lines} lines > {limit}")
    report(faults)
