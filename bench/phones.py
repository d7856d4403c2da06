"""Phones back from a walk that send what they keep, as static/field/outbox.js does, and people who look at the map.

Each phone notes what was acknowledged to it; the ledger of all phones is compared with the database afterwards.
"""

import gzip
import hashlib
import http.client
import io
import json
import random
import secrets
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from PIL import Image

SHORTEST, LONGEST = 2.0, 60.0  # seconds between two tries, as on the phone
KEEP_ALIVE = 1.5  # gunicorn closes an idle connection after two seconds
N_PICTURES = 8
LATER = {429, 503, 507}


@dataclass(frozen=True)
class Answer:
    """One answer; status 0 where none came."""

    status: int
    body: dict[str, Any] | None = None
    retry_after: float = 0.0

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300 and self.body is not None and self.body.get("saferoutes") == 1

    @property
    def is_refused(self) -> bool:
        return 400 <= self.status < 500 and self.status not in LATER | {408, 425}


@dataclass
class Entry:
    """One concern as its phone remembers it: what it sent and what was acknowledged."""

    device: uuid.UUID
    client_id: uuid.UUID
    note: str
    photo: uuid.UUID | None = None
    sha256: str = ""
    public_id: str = ""
    is_photo_held: bool = False


@dataclass
class Tally:
    """What all phones and readers met: seconds a request by kind, and statuses by kind. Shared by all threads."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    n_unasked: int = 0  # 429, 503 or 507 without Retry-After
    last_photo_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, answer: Answer, seconds: float) -> None:
        with self._lock:
            self.statuses[kind, answer.status] += 1
            if answer.status in LATER and not answer.retry_after:
                self.n_unasked += 1
            if 200 <= answer.status < 300:
                self.seconds.setdefault(kind, []).append(seconds)
                if kind == "photo":
                    self.last_photo_at = time.monotonic()

    def count(self, matches: Callable[[int], bool]) -> int:
        return sum(n for (_kind, status), n in self.statuses.items() if matches(status))


class Line:
    """One HTTP connection to the site, opened anew when it was idle or broke."""

    def __init__(self, port: int, tally: Tally, *, timeout: float = 30.0) -> None:
        self.port, self.tally, self.timeout = port, tally, timeout
        self.client: http.client.HTTPConnection | None = None
        self.used_at = 0.0

    def ask(
        self, kind: str, method: str, path: str, body: bytes = b"", *, lose: bool = False, **headers: str
    ) -> Answer:
        """Send one request. With `lose` its answer isn't read, as when the signal goes at the wrong moment."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        started = time.perf_counter()
        try:
            client = self._open()
            client.request(method, path, body or None, named)
            if lose:
                raise TimeoutError
            response = client.getresponse()
            answer = _read(response)
        except (OSError, http.client.HTTPException, ValueError):  # also half an answer, or none that can be read
            self.close()
            answer = Answer(0)
        self.used_at = time.monotonic()
        if not lose:
            self.tally.note(kind, answer, time.perf_counter() - started)
        return answer

    def _open(self) -> http.client.HTTPConnection:
        if self.client is not None and time.monotonic() - self.used_at > KEEP_ALIVE:
            self.close()
        if self.client is None:
            self.client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        return self.client

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        self.client = None


def _read(response: http.client.HTTPResponse) -> Answer:
    data = response.read()
    retry_after = float(response.headers.get("Retry-After") or 0)
    if response.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    return Answer(response.status, json.loads(data) if is_json else None, retry_after)


class Refused(Exception):
    """The server refuses what a phone of the bench sends: the bench or the server is wrong."""


class Phone:
    """One phone: joins, gets its pack, sends everything it keeps, and says how much waits. It never gives up."""

    def __init__(
        self, port: int, invite: str, tally: Tally, *, n: int, photo_share: float, lost: float, dice: random.Random
    ) -> None:
        self.line = Line(port, tally)
        self.invite, self.n, self.photo_share, self.lost, self.dice = invite, n, photo_share, lost, dice
        self.device, self.secret = uuid.UUID(int=dice.getrandbits(128), version=4), secrets.token_hex(32)
        self.token, self.walk = "", ""
        self.ledger: list[Entry] = []
        self.n_lost = self.n_joined_again = 0
        self.fault = ""

    def run(self, pictures: Sequence[bytes]) -> None:
        try:
            self.join()
            for _ in range(self.n):
                self.send(pictures)
            self.insist("status", "POST", "status/", {"waiting": 0, "oldest_at": None, "app": "bench"})
        except Refused as refused:
            self.fault = str(refused)
        except Exception as problem:  # a thread that dies must not look like a phone that had nothing to send
            self.fault = repr(problem)
        finally:
            self.line.close()

    def join(self) -> None:
        self.token = ""
        asked = {"invite": self.invite, "device": str(self.device), "secret": self.secret}
        answer = self.insist("join", "POST", "devices/", asked)
        self.token, self.walk = answer["token"], answer["walk"]
        self.insist("pack", "GET", "pack/")

    def send(self, pictures: Sequence[bytes]) -> None:
        """One concern and, for some, its photo: in the order in which the outbox sends them."""
        client_id = uuid.UUID(int=self.dice.getrandbits(128), version=4)
        entry = Entry(self.device, client_id, f"Lamp {client_id} by the bus stop is dark")
        picture = b""
        if self.dice.random() < self.photo_share:
            picture = unlike_any(self.dice.choice(pictures))
            entry.photo = uuid.UUID(int=self.dice.getrandbits(128), version=4)
            entry.sha256 = hashlib.sha256(picture).hexdigest()
        self.ledger.append(entry)
        answer = self.insist("text", "PUT", f"concerns/{client_id}/", self.concern(entry))
        entry.public_id = answer["public_id"]
        if entry.photo:
            told = self.insist("photo", "PUT", f"concerns/{client_id}/photos/{entry.photo}/", picture, entry.sha256)
            entry.is_photo_held = told["sha256"] == entry.sha256

    def concern(self, entry: Entry) -> dict[str, Any]:
        position = {"lat": 39.09 + self.dice.uniform(-3e-4, 3e-4), "lon": -94.56 + self.dice.uniform(0, 0.012)}
        return {
            "rev": 1,
            "walk": self.walk,
            "category": self.dice.choice(["LIGHT_OUT", "DUMPING", "SIDEWALK", "OVERGROWTH"]),
            "captured_at": datetime.now(UTC).isoformat(),
            "position": position | {"accuracy_m": 9.0, "source": "gps"},
            "address": "3512 Bench Avenue",
            "segment": None,
            "side": None,
            "lit": "dark",
            "note": entry.note,
            "answers": {},
            "danger_now": False,
            "told_by": "seen",
            "city_case": "",
            "photos": [str(entry.photo)] if entry.photo else [],
            "deleted": False,
        }

    def insist(self, kind: str, method: str, path: str, body: Any = None, sha256: str = "") -> dict[str, Any]:
        """Send until it is acknowledged. Retry-After is obeyed; otherwise the pauses grow, and no two are alike."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        headers = {"Content_Type": "image/jpeg" if sha256 else "application/json", "Accept_Encoding": "gzip"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"X_Content_SHA256": sha256} if sha256 else {}
        pause = SHORTEST
        while True:
            lose = self.dice.random() < self.lost
            self.n_lost += lose
            answer = self.line.ask(kind, method, f"/field/api/{path}", data, lose=lose, **headers)
            if answer.is_acknowledged:
                return answer.body or {}
            if answer.status == 401 and headers.get("Authorization"):
                self.join()  # a join whose answer was lost may have been done after the one that was heard
                self.n_joined_again += 1
                headers["Authorization"] = f"Bearer {self.token}"
                continue
            if answer.is_refused:
                raise Refused(f"{method} {path} answered {answer.status}: {answer.body}")
            time.sleep(max(answer.retry_after, pause * 0.7) * self.dice.uniform(1.0, 1.6))
            pause = min(LONGEST, pause * 2)


class Reader:
    """Somebody who looks at the public map: the page, then what is in the box they look at, then they read."""

    def __init__(self, port: int, tally: Tally, dice: random.Random) -> None:
        self.line, self.dice = Line(port, tally), dice

    def run(self, until: threading.Event) -> None:
        while not until.wait(self.dice.uniform(1.0, 5.0)):
            self.line.ask("reader", "GET", "/concerns/", Accept_Encoding="gzip")
            west, south = -94.56 + self.dice.uniform(0, 0.006), 39.09 + self.dice.uniform(0, 0.02)
            box = f"{west:.4f},{south:.4f},{west + 0.005:.4f},{south + 0.004:.4f}"
            self.line.ask("reader", "GET", f"/map/concerns.geojson?bbox={box}", Accept_Encoding="gzip")
        self.line.close()


def pictures() -> list[bytes]:
    """Photos of 1600 by 1200 as phones make them smaller: 300 to 400 kB each."""
    made = []
    for n in range(N_PICTURES):
        rough = Image.effect_noise((400, 300), 40 + 2 * n).resize((1600, 1200), Image.Resampling.BICUBIC)
        mixed, buffer = Image.blend(rough, Image.effect_noise((1600, 1200), 13), 0.3), io.BytesIO()
        Image.merge("RGB", [mixed, mixed, rough]).save(buffer, "JPEG", quality=72)
        made.append(buffer.getvalue())
    return made


def unlike_any(jpeg: bytes) -> bytes:
    """The same picture with a comment of its own, so that its bytes are nobody else's."""
    mark = uuid.uuid4().hex.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(mark) + 2).to_bytes(2, "big") + mark + jpeg[2:]


def send_all(
    port: int,
    invites: Sequence[str],
    tally: Tally,
    *,
    devices: int,
    each: int,
    seconds: float,
    readers: int,
    photo_share: float,
    lost: float,
    seed: int = 2026,
) -> list[Phone]:
    """Let `devices` phones come back at any moment of `seconds` while `readers` look at the map. Returns the phones."""
    dice, pile, over = random.Random(seed), pictures(), threading.Event()  # noqa: S311 - the same run every time
    phones, threads = [], []
    for n in range(devices):
        own = random.Random(dice.getrandbits(64))  # noqa: S311
        phone = Phone(port, invites[n % len(invites)], tally, n=each, photo_share=photo_share, lost=lost, dice=own)
        phones.append(phone)
        threads.append(threading.Timer(dice.uniform(0, 0.95 * seconds), phone.run, [pile]))
    watching = [
        threading.Thread(target=Reader(port, tally, random.Random(dice.getrandbits(64))).run, args=[over])  # noqa: S311
        for _ in range(readers)
    ]
    for thread in [*watching, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    for thread in watching:
        thread.join()
    return phones
