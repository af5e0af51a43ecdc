"""The phone page's data: what one phone shows, and the deeds of the thumb on it.

The page asks with plain JSON and is told of every change by server-sent events. It adds nothing
to `Person`: what a test can do and see, the page can, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, tzinfo
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulator import french
from simulator.bubbles import Bubble
from simulator.deeds import DEEDS
from simulator.errors import PhoneError
from simulator.model import Json
from simulator.persons import Person
from simulator.telegram import Telegram

SHOWN = 200  # the newest messages; the older ones stay in memory
_HEARTBEAT = 15.0
_NAME_LENGTH = 40

Waiting = set[tuple[int, str]]  # the buttons that were tapped and not answered yet


def phone_routes(telegram: Telegram, zone: tzinfo) -> list[Route]:
    """To be mounted by `page.demo_routes`."""
    phones = Phones(telegram, zone)
    return [
        Route("/phones", phones.create, methods=["POST"]),
        Route("/phones/{number:int}", phones.show),
        Route("/phones/{number:int}/live", phones.live),
        Route("/phones/{number:int}/files/{file}", phones.file),
        Route("/phones/{number:int}/{deed}", phones.do, methods=["POST"]),
    ]


class Phones:
    """The endpoints."""

    def __init__(self, telegram: Telegram, zone: tzinfo) -> None:
        self.telegram = telegram
        self.zone = zone

    async def create(self, request: Request) -> Response:
        given = await own_json(request)
        name = str(given.get("name", "")).strip()
        if not 1 <= len(name) <= _NAME_LENGTH:
            return sentence("Donne un prénom à ce téléphone.")
        if any(person.name == name for person in self.telegram.persons):
            return sentence(f"Il y a déjà un téléphone de {name}.")
        return JSONResponse({"id": self.telegram.person(name).id})

    async def show(self, request: Request) -> Response:
        return JSONResponse(self.snapshot(self._person(request)))

    async def live(self, request: Request) -> Response:
        person = self._person(request)
        return StreamingResponse(
            self._events(person),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def file(self, request: Request) -> Response:
        found = self.telegram.files.get(request.path_params["file"])
        if found is None:
            raise HTTPException(404)
        name = "".join(c for c in found.name if c.isalnum() or c in "-_.") or "fichier"
        headers = {
            "Content-Disposition": f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'
        }
        return Response(found.data, media_type="application/octet-stream", headers=headers)

    async def do(self, request: Request) -> Response:
        person, given = self._person(request), await own_json(request)
        deed = DEEDS.get(request.path_params["deed"])
        if deed is None:
            raise HTTPException(404)
        try:
            deed(person, given)
        except PhoneError as error:
            return sentence(str(error).partition("\n")[0])
        return JSONResponse({})

    def snapshot(self, person: Person) -> Json:
        """Everything the page draws, for one phone."""
        now = self.telegram.now().astimezone(self.zone)
        return {
            "clock": {"text": french.moment(now), "time": french.clock(now)},
            "phones": [
                {"id": one.id, "name": one.name, "unread": unread(one)}
                for one in self.telegram.persons
            ],
            "phone": self._phone(person, now) if self.telegram.bots else None,
        }

    def _phone(self, person: Person, now: datetime) -> Json:
        chat, bot = person.chat, person.bot
        taps = [query for query in self.telegram.queries.values() if query.user_id == person.id]
        waiting = {(q.message_id, q.data) for q in taps if self.telegram.open_query(q.id)}
        return {
            "id": person.id,
            "name": person.name,
            "bot": {"name": bot.first_name, "username": bot.username, "commands": bot.commands},
            "state": state(person),
            "typing": person.sees_typing,
            "keyboard": person.keyboard,
            "placeholder": (chat.keyboard or {}).get("input_field_placeholder", ""),
            "messages": [
                self._message(person, one, now, waiting) for one in person.messages[-SHOWN:]
            ],
            "notices": [
                {"id": query.id, "text": query.notice.text, "alert": query.notice.alert}
                for query in taps
                if query.notice and query.notice.text
            ][-20:],
        }

    def _message(self, person: Person, shown: Bubble, now: datetime, waiting: Waiting) -> Json:
        at = shown.date.astimezone(self.zone)
        content = person.chat.messages[shown.id].content
        return {
            "id": shown.id,
            "mine": shown.mine,
            "kind": shown.kind,
            "text": shown.text,
            "entities": shown.entities,
            "emoji": content.get("sticker", {}).get("emoji", ""),
            "seconds": content.get("voice", {}).get("duration", 0),
            "forwarded": content.get("forward_origin", {}).get("sender_user_name", ""),
            "file": shown.file and {"name": shown.file["file_name"], "id": shown.file["file_id"]},
            "buttons": [
                [
                    {"text": b.text, "url": b.url or "", "waiting": (shown.id, b.data) in waiting}
                    for b in row
                ]
                for row in shown.buttons
            ],
            "time": french.clock(at),
            "day": french.day(at.date(), now.date()),
            "edited": shown.edited,
            "protected": shown.protected,
            "silent": shown.silent,
            "line": shown.first_line,
        }

    async def _events(self, person: Person) -> AsyncIterator[str]:
        changes, closing = self.telegram.changes, self.telegram.closing
        while not closing.is_set():
            version = changes.version
            yield f"data: {json.dumps(self.snapshot(person), ensure_ascii=False)}\n\n"
            await _first_of(changes.after(version), closing.wait(), seconds=_HEARTBEAT)

    def _person(self, request: Request) -> Person:
        number = request.path_params["number"]
        found = next((one for one in self.telegram.persons if one.id == number), None)
        if found is None:
            raise HTTPException(404)
        return found


def state(person: Person) -> str:
    """`new` before « Démarrer », then `open`; `blocked`, or `gone` with the account."""
    if person.user.deactivated:
        return "gone"
    if person.chat.blocked:
        return "blocked"
    return "open" if person.chat.started else "new"


def unread(person: Person) -> int:
    if not person.telegram.bots:
        return 0
    return sum(shown.id > person.chat.read_up_to for shown in person.received)


def sentence(words: str, status: int = 200) -> Response:
    """What the page shows as it is. A phone that would not do something is no fault of the
    page: browsers write every status above 400 into the console.
    """
    return JSONResponse({"error": words}, status)


async def own_json(request: Request) -> dict[str, Any]:
    """The body of a request that this very page sent: no other site can make one."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise HTTPException(403)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415)
    with contextlib.suppress(ValueError):
        found = await request.json()
        if isinstance(found, dict):
            return found
    raise HTTPException(400)


async def _first_of(*waits: Any, seconds: float) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
