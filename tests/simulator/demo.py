"""The demo page served with a small desk and a clock that can be broken."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import aiohttp

from simulator.page import ClockError, Jump

LOGINS = [
    ("Nadia B.", "éducatrice", "nadia", "demo-nadia"),
    ("Marc D.", "coordination", "marc", "demo-marc"),
]
DESK = """<!doctype html><html lang="fr"><head><title>Bureau</title></head><body><main>
<h1>Aujourd'hui</h1><p><a href="https://t.me/relais_demo_bot?start=invite_1">L'invitation</a></p>
</main></body></html>"""


@dataclass
class Calendar:
    """A clock that moves when told to."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 13, 30, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **time: float) -> None:
        self.moment += timedelta(**time)


@dataclass
class Clock:
    """What the wiring gives the page in the real demo."""

    calendar: Calendar
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    pause: float = 0.0
    broken: bool = False

    def now(self) -> datetime:
        return self.calendar.now()

    async def advance(self, by: Jump) -> datetime:
        await asyncio.sleep(self.pause)
        if self.broken:
            raise RuntimeError("the database is gone")
        if by == "next":
            raise ClockError("Aucun message n'est prévu.")
        self.calendar.moment += timedelta(hours=1) if by == "hour" else timedelta(days=1)
        return self.now()


@dataclass
class Demo:
    url: str
    http: aiohttp.ClientSession
    clock: Clock
