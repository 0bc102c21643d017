"""Load on a running portal: people who sign in and open one page again and again; niced, reported, never judged.

`python benchmarks/fifty_users.py --address http://127.0.0.1:8000 --path /executive/2026-11/ --people executive,finance
--password …`. It measures a real portal in another process and starts none.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import random
import re
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

NICENESS = 15
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TIMEOUT_SECONDS = 60


@dataclass
class Tally:
    """What all visitors saw: seconds and bytes of each page, and what went wrong, in words."""

    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, size: int) -> None:
        """Count one page."""
        with self.lock:
            self.seconds.append(seconds)
            self.sizes.append(size)

    def fail(self, words: str) -> None:
        """Count one failure."""
        with self.lock:
            self.troubles.append(words)


class Visitor(threading.Thread):
    """One person with a session of their own: signs in, then opens the page, thinks, and opens it again."""

    def __init__(self, asked: argparse.Namespace, person: str, tally: Tally, start: threading.Barrier) -> None:
        """Nothing is opened before `run`."""
        super().__init__(daemon=True)
        self._asked, self._person, self._tally, self._start = asked, person, tally, start
        self._random = random.Random(person)
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def run(self) -> None:
        """Sign in, wait for the others, and look at the page until the time is over."""
        self._sign_in()
        self._start.wait()
        end = time.monotonic() + self._asked.seconds
        time.sleep(self._random.uniform(0, self._asked.think))
        while time.monotonic() < end:
            self._look()
            time.sleep(self._random.uniform(0.5, 1.5) * self._asked.think)

    def _sign_in(self) -> None:
        url = f"{self._asked.address}/login/"
        try:
            form = self._opener.open(url, timeout=TIMEOUT_SECONDS).read().decode()
            found = TOKEN.search(form)
            body = {
                "username": self._person,
                "password": self._asked.password,
                "csrfmiddlewaretoken": found.group(1) if found else "",
            }
            request = urllib.request.Request(url, urllib.parse.urlencode(body).encode(), {"Referer": url})
            self._opener.open(request, timeout=TIMEOUT_SECONDS).read()
        except (urllib.error.URLError, OSError) as error:
            self._tally.fail(f"signing in: {error}")

    def _look(self) -> None:
        start = time.perf_counter()
        try:
            answer = self._opener.open(f"{self._asked.address}{self._asked.path}", timeout=TIMEOUT_SECONDS)
            content = answer.read()
        except (urllib.error.URLError, OSError) as error:
            self._tally.fail(str(error))
            return
        if "/login/" in answer.url:
            self._tally.fail("sent to the login")
            return
        self._tally.add(time.perf_counter() - start, len(content))


def main() -> None:
    """Start the visitors, wait for them, and print what they saw."""
    asked = arguments()
    os.nice(NICENESS)
    people = asked.people.split(",")
    tally, start = Tally(), threading.Barrier(asked.users + 1)
    visitors = [Visitor(asked, people[k % len(people)], tally, start) for k in range(asked.users)]
    for visitor in visitors:
        visitor.start()
    start.wait()
    began = time.monotonic()
    for visitor in visitors:
        visitor.join()
    report(asked, tally, time.monotonic() - began)


def arguments() -> argparse.Namespace:
    """What was asked on the command line."""
    parser = argparse.ArgumentParser(description="Load on one page of a running portal.")
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--path", required=True)
    parser.add_argument("--people", required=True, help="user names, comma between; visitors take them in turn")
    parser.add_argument("--password", required=True)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=5, help="seconds between two pages of a visitor, on average")
    return parser.parse_args()


def report(asked: argparse.Namespace, tally: Tally, seconds: float) -> None:
    """Print the figures; quantiles of the time to the last byte."""
    taken = sorted(tally.seconds)
    if not taken:
        print(f"No page came back; {len(tally.troubles)} troubles: {tally.troubles[:3]}")
        return
    p95 = taken[min(int(len(taken) * 0.95), len(taken) - 1)]
    print(
        f"{asked.users} visitors, {asked.path}, think {asked.think:g} s, {seconds:.0f} s: {len(taken)} pages"
        f" ({len(taken) / seconds:.1f} a second, {statistics.mean(tally.sizes) / 1000:.0f} kB each)"
        f" · median {statistics.median(taken):.2f} s, p95 {p95:.2f} s, worst {taken[-1]:.2f} s"
        f" · {len(tally.troubles)} failed {sorted(set(tally.troubles))[:3]}"
    )


if __name__ == "__main__":
    main()
