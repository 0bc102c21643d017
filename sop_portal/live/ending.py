"""What is to happen first when this process is told to end, whatever server runs it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType


def before_the_server_ends(act: Callable[[], None]) -> None:
    """Call `act` in the running event loop on SIGTERM and SIGINT, then do what the server would have done.

    A server waits for open responses to end before it tells an application anything (the lifespan protocol comes
    too late), and a stream has no end of its own. Outside of the main thread, as in tests, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(signum)
        if not callable(before):
            continue

        def end(
            signum: int, frame: FrameType | None, before: Callable[[int, FrameType | None], object] = before
        ) -> None:
            loop.call_soon_threadsafe(act)
            before(signum, frame)

        signal.signal(signum, end)
