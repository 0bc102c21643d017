"""Health of one container, by the standard library alone: exit code 0 when it is well, 1 with a sentence when not.

web: /healthz answers (whether PostgreSQL and Redis are there is /readyz, which the reverse proxy asks: a web process
is not to be restarted because Redis is away). worker and beat: their sign of life is young (sop_portal/alive.py).
"""

import http.client
import os
import sys
import time
from pathlib import Path

TIMEOUT_SECONDS = 4
YOUNG_SECONDS = 90


def web_fault() -> str:
    """Why the web process of this container is not well, or an empty text."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"/healthz does not answer: {error}"
    finally:
        connection.close()
    return "" if status == http.client.OK else f"/healthz answered {status}"


def alive_fault() -> str:
    """Why the worker or beat of this container is not well, or an empty text."""
    named = os.environ.get("SOP_ALIVE_FILE", "")
    if not named:
        return "SOP_ALIVE_FILE is not set, so there is no sign of life to look at"
    try:
        age = time.time() - Path(named).stat().st_mtime
    except FileNotFoundError:
        return f"no sign of life yet: {named} is missing"
    return "" if age < YOUNG_SECONDS else f"the last sign of life is {age:.0f} s old"


def main(arguments: list[str]) -> int:
    """Judge the part that the first argument names."""
    parts = {"web": web_fault, "worker": alive_fault, "beat": alive_fault}
    if len(arguments) != 1 or arguments[0] not in parts:
        sys.stderr.write(f"usage: health.py {'|'.join(parts)}\n")
        return 2
    fault = parts[arguments[0]]()
    if fault:
        sys.stderr.write(f"{fault}\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
