"""`RESET=1`: throw away the embedded servers' files of one home, so that the next start begins anew."""

import fcntl
import os
import shutil

from sop_portal.embedded.locations import own_home


def reset() -> None:
    """Remove the home, unless somebody uses its servers at this moment or the database is not ours."""
    if os.environ.get("DATABASE_URL"):
        raise SystemExit("RESET=1 is for the embedded servers; DATABASE_URL names a database that is not ours to drop.")
    home = own_home()
    with (home / "in_use.lock").open("a") as in_use:
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"The servers in {home} are in use. Stop the portal first.") from None
        shutil.rmtree(home)


if __name__ == "__main__":
    reset()
