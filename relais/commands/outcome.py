"""`relais message show`, `resend`, `leave`: what became of one message, and what to do about it."""

from typing import Any

from admin.preview import kind_words
from content import day_and_time
from records import outgoing, structure, youth
from records.database import Tx
from records.errors import NotFound
from records.outgoing import STAFF_KINDS, Message
from relais.command import Call, Said, table, verb
from relais.commands import planned
from relais.commands.typed import identifier


def add_to(verbs: Any) -> None:
    for name, meaning, does in (
        ("show", "ce qu'un message est devenu, et que faire", show),
        ("resend", "renvoyer un message dont nul ne sait s'il est arrivé", resend),
        ("leave", "laisser tel quel un message dont nul ne sait s'il est arrivé", leave),
    ):
        one = verb(verbs, name, meaning, does)
        one.add_argument(
            "id", metavar="MESSAGE", help="son identifiant, que donnent list et relais queue"
        )


async def show(call: Call) -> Said:
    async with call.database.read() as tx:
        return await _told(tx, call, await _named(tx, call))


async def resend(call: Call) -> Said:
    return await _decide(call, again=True)


async def leave(call: Call) -> Said:
    return await _decide(call, again=False)


async def _decide(call: Call, *, again: bool) -> Said:
    async with call.database.write() as tx:
        which = await _named(tx, call)
        await outgoing.decide_uncertain(tx, call.now, which.id, again)
        return await _told(tx, call, await outgoing.get(tx, which.id))


async def _named(tx: Tx, call: Call) -> Message:
    which = await outgoing.get(tx, identifier(call.typed.id, "message_unknown"))
    if which.kind not in STAFF_KINDS:  # what the bot answers to a youth is theirs
        raise NotFound("message_unknown")
    return which


async def _told(tx: Tx, call: Call, which: Message) -> Said:
    who = await youth.get(tx, which.youth_id)
    of = await structure.get(tx, who.structure_id)
    facts = planned.ended_facts(which, who.code, of)
    if which.state == "waiting":
        waiting = await planned.waiting(tx, call.now, call.settings, youth_id=who.id)
        facts = next(one.facts for one in waiting if one.due.id == which.id)
    lines = [
        ("jeune", who.code),
        ("quoi", kind_words(which.kind, which.params)),
        ("prévu", day_and_time(facts["due_at"], today=call.now)),
        ("devenu", facts["sentence"]),
    ]
    if which.sent_at is not None:
        lines.insert(3, ("parti", day_and_time(which.sent_at.astimezone(of.tz), today=call.now)))
    return Said(facts, table(("message", facts["id"]), lines))
