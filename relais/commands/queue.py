"""`relais queue`: what waits over all structures, why, and the real time at which each goes out.

Codes only: neither names nor words. What is under way and what somebody must decide is there too.
The times are those of delivery's own rule, local to each structure.
"""

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin.outcomes import reason_words
from admin.preview import kind_words
from admin.sentences import BOT
from content import day_and_time
from records import outgoing, structure, youth
from records.database import Tx
from records.outgoing import KINDS, SHOWN_KINDS, STAFF_KINDS, Message
from records.structure import Bot, Structure
from records.youth import Youth
from relais.command import Call, Said, spaced, verb
from relais.commands import planned
from relais.commands.typed import structure_named, youth_named

AT_MOST = 1000
_WIDEST = 100  # columns: longer lines are hard to read
_ANSWER = "Réponse du bot"


def add_to(nouns: Any) -> None:
    one = verb(nouns, "queue", "ce qui attend, pourquoi, et l'heure réelle de chaque envoi", queue)
    one.add_argument("--structure", metavar="NOM", help="cette structure seulement")
    one.add_argument("--youth", metavar="CODE", help="ce jeune seulement")


@dataclass(frozen=True, slots=True)
class Queue:
    """One structure's: its bot, what nobody is sure of, what is under way, what waits."""

    of: Structure
    bot: Bot | None
    unsure: list[dict[str, Any]]
    flying: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    more: bool  # and others, later

    @property
    def trouble(self) -> str | None:
        return BOT.get(self.bot.state) if self.bot else None

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "structure": self.of.name,
            "bot": self.bot and {"username": self.bot.username, "state": self.bot.state},
            "trouble": self.trouble,
            "messages": [*self.unsure, *self.flying, *self.waiting],
            "more": self.more,
        }


async def queue(call: Call) -> Said:
    typed = call.typed
    async with call.database.read() as tx:
        who = await youth_named(tx, typed.youth, typed.structure) if typed.youth else None
        places = await _places(tx, typed.structure, who)
        bots = {bot.id: bot for bot in await structure.bots(tx)}
        queues = [await _queue(tx, call, of, bots.get(of.bot_id or 0), who) for of in places]
    return Said(
        [one.facts for one in queues],
        "\n\n".join(_page(one, call.now) for one in queues) or "Rien n'attend.",
    )


async def _places(tx: Tx, name: str | None, who: Youth | None) -> list[Structure]:
    if who is not None:
        return [await structure.get(tx, who.structure_id)]
    if name is not None:
        return [await structure_named(tx, name)]
    return await structure.all_structures(tx)


async def _queue(tx: Tx, call: Call, of: Structure, bot: Bot | None, who: Youth | None) -> Queue:
    row = who.id if who else None
    waiting = await planned.waiting(
        tx,
        call.now,
        call.settings,
        structure_id=of.id,
        youth_id=row,
        kinds=KINDS,
        limit=AT_MOST + 1,
    )
    under_way = await outgoing.listed(
        tx,
        structure_id=of.id,
        youth_id=row,
        kinds=KINDS,
        states=("claimed", "uncertain"),
        limit=AT_MOST,
    )
    codes = {m: (await youth.get(tx, m)).code for m in {m.youth_id for m in under_way}}
    return Queue(
        of,
        bot,
        [_ended(m, codes, of) for m in under_way if m.state == "uncertain" and _staffs(m.kind)],
        [_ended(m, codes, of) for m in under_way if m.state == "claimed"],
        [_neutral(one.neutral, one.due.params) for one in waiting[:AT_MOST]],
        len(waiting) > AT_MOST,
    )


def _ended(one: Message, codes: dict[int, str], of: Structure) -> dict[str, Any]:
    return _neutral(planned.ended_facts(one, codes[one.youth_id], of), one.params)


def _neutral(facts: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """What the bot answers to a youth is all alike here, a help card too; a question that it will
    ask again is told as one."""
    if facts["kind"] not in (*SHOWN_KINDS, "again"):
        return facts | {"kind": "answer", "what": _ANSWER}
    return facts | {"what": kind_words(facts["kind"], params)}


def _staffs(kind: str) -> bool:
    """Whether somebody of the team planned it, and may decide on it."""
    return kind in STAFF_KINDS


def _page(one: Queue, now: datetime) -> str:
    bot = f"@{one.bot.username or '…'}" if one.bot else "aucun bot"
    lines = [*_wrapped(f"{one.of.name} — {bot}", ""), *_wrapped(one.trouble or "", "  ")]
    sections = {
        "À décider": one.unsure,
        "En train de partir": one.flying,
        "Ce qui attend": one.waiting,
    }
    for title, messages in sections.items():
        if messages:
            lines += ["", f"  {title} ({len(messages)})", *_listed(messages, now)]
    if not any(sections.values()):
        lines.append("  Rien n'attend.")
    if one.more:
        lines.append(f"  Et d'autres, plus tard : voici les {AT_MOST} premiers.")
    return "\n".join(lines)


def _listed(messages: Sequence[dict[str, Any]], now: datetime) -> list[str]:
    """When, who, what; below, why, where there is a reason, and what to type."""
    whens = [_when(m, now) for m in messages]
    width = max(map(len, whens))
    lines = []
    for m, when in zip(messages, whens, strict=True):
        weekly = ", puis chaque semaine" if m.get("weekly") else ""
        lines.append(f"  {when:<{width}}  {m['youth']}  {m['what']}{weekly}")
        if m["reason"]:
            lines += _wrapped(_why(m, now), " " * 6)
        if m["state"] == "uncertain":
            lines += [f"      relais message {does} {m['id']}" for does in ("resend", "leave")]
    return lines


def _when(m: dict[str, Any], now: datetime) -> str:
    if m["state"] != "waiting":
        return day_and_time(m.get("sent_at") or m["due_at"], today=now)
    if m["leaves_at"] is not None:
        return day_and_time(m["leaves_at"], today=now)
    return "attend" if m["leaves"] else "ne partira pas"


def _why(m: dict[str, Any], now: datetime) -> str:
    """And, when nobody knows how long, until when it keeps its meaning."""
    why = reason_words(m["reason"])
    open_ = m["state"] == "waiting" and m["leaves"] and m["leaves_at"] is None
    until = f" Perd son sens {day_and_time(m['not_after'], today=now)}." if open_ else ""
    return f"{why[:1].upper()}{why[1:]}{until}"


def _wrapped(text: str, indent: str) -> list[str]:
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.wrap(spaced(text), width, initial_indent=indent, subsequent_indent=indent)
