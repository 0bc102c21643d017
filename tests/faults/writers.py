"""People who edit the demand plan over HTTP, without a pause, and remember what they were answered."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.cast import PASSWORD

FAMILIES = ("Chairs", "Lamps")
SERIES = (("CHAIR", "NORTH/DIRECT"), ("CHAIR", "SOUTH/DIRECT"), ("LAMP", "NORTH/DIRECT"), ("LAMP", "SOUTH/DIRECT"))
TIMEOUT_SECONDS = 20


class NoAnswer(Exception):
    """The portal did not answer, or with a fault of its own (5xx): nobody knows what became of the request."""


@dataclass
class Wish:
    """One edit that a writer sent: its mode and value, the codes of its place, the months."""

    reason: str
    mode: str
    value: int
    family: str
    series: tuple[str, str] | None
    months: tuple[int, ...]


@dataclass
class Writer:
    """One person with a session; `answered`, `refused` and `unanswered` by the reason of the edit, each reason once."""

    port: int
    username: str
    chance: random.Random
    answered: dict[str, float] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    unanswered: dict[str, float] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def call(self, method: str, path: str, body: str = "", content_type: str = "application/json") -> tuple[int, bytes]:
        """One request with the cookies of this person; status and body.

        Raises:
            NoAnswer: a lost connection, a time-out, or a 5xx.
        """
        words = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        words |= {"Content-Type": content_type, "X-CSRFToken": self.cookies.get(f"sop-csrf-{self.port}", "")}
        connection = http.client.HTTPConnection("localhost", self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body.encode(), words)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{method} {path}: {type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if answer.status >= 500:
            raise NoAnswer(f"{method} {path}: {answer.status}")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content

    def log_in(self) -> None:
        """Sign in as a person does: the page, then the form."""
        _, page = self.call("GET", "/login/")
        token = page.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = urlencode({"csrfmiddlewaretoken": token, "username": self.username, "password": PASSWORD})
        status, content = self.call("POST", "/login/", form, "application/x-www-form-urlencoded")
        assert status == 302, content[:2000]

    def grid(self, number: str) -> dict[str, Any]:
        """The plan as the grid fetches it."""
        status, content = self.call("GET", f"/demand/{number}/grid/")
        assert status == 200, content[:2000]
        return dict(json.loads(content))

    def write_on(self, number: str) -> None:
        """Edit until told to end; after a lost answer look at the plan again, as the page does."""
        ids: dict[str, dict[str, int]] = {}
        revision = 0
        while not self.over.is_set():
            reason = f"{self.username} {len(self.wishes)}"
            try:
                if not ids:
                    ids, revision = self.look(number)
                wish = self.wishes[reason] = self._wish(reason, ids["months"]["first"])
                revision = self._send(number, wish, ids, revision)
            except NoAnswer as error:
                if reason in self.wishes:
                    self.unanswered[reason] = time.time()
                print(f"{self.username}: {error}")
                ids = {}
                time.sleep(0.2)

    def look(self, number: str) -> tuple[dict[str, dict[str, int]], int]:
        """Ids by code of the plan as it is now, and its revision."""
        grid = self.grid(number)
        names = {
            "items": {code: item for item, code, *_ in grid["items"]},
            "markets": {code: market for market, code, *_ in grid["markets"]},
            "families": {name: family for family, name, *_ in grid["families"]},
            "months": {"first": grid["months"][0][0]},
        }
        return names, int(grid["revision"])

    def _wish(self, reason: str, first: int) -> Wish:
        months = tuple(sorted({first + self.chance.randrange(6) for _ in range(2)}))
        if self.chance.random() < 0.3:
            value = 1000 * self.chance.randint(1, 40)
            return Wish(reason, "change", value, self.chance.choice(FAMILIES), None, months)
        mode, value = self.chance.choice([("set", 1000 * self.chance.randint(50, 400)), ("change", 2000)])
        return Wish(reason, mode, value, "", self.chance.choice(SERIES), months)

    def _send(self, number: str, wish: Wish, ids: dict[str, dict[str, int]], revision: int) -> int:
        status, answer = self.post(number, wish, ids, revision, window=self.username)
        assert status in (200, 409), (status, answer)
        if answer["refused"]:
            self.refused.add(wish.reason)
        elif answer["edit"] is None:
            self.wishes[f"{wish.reason} nothing"] = self.wishes.pop(wish.reason)  # the cells held that already
        else:
            self.answered[wish.reason] = time.time()
        return int(answer["revision"])

    def post(
        self, number: str, wish: Wish, ids: dict[str, dict[str, int]], revision: int, *, window: str
    ) -> tuple[int, dict[str, Any]]:
        """Send one edit from a window of this person; status and answer."""
        if wish.series is None:
            node = {"family": ids["families"][wish.family]}
        else:
            node = {"item": ids["items"][wish.series[0]], "market": ids["markets"][wish.series[1]]}
        gesture = {
            "mode": wish.mode,
            "reason": wish.reason,
            "base_revision": revision,
            "session": window,
            "instructions": [{"nodes": [node], "months": list(wish.months), "value": wish.value}],
        }
        status, content = self.call("POST", f"/demand/{number}/edits/", json.dumps(gesture))
        return status, json.loads(content)

    @property
    def full_name(self) -> str:
        """The name that others see."""
        return self.username.replace("_", " ").title()
