"""`relais responses`: what a youth shares, read as one person: their access, and their name in
the log that the youth can see."""

from typing import Any

import content
from admin import scripts
from content import day_and_time
from records import audit, response, staff, structure, youth
from records.errors import NotFound, Refused
from records.response import Response
from records.staff import Staff
from records.structure import Structure
from records.youth import Youth
from relais.command import Call, Said, verb
from relais.commands.planned import local

AT_MOST = 1000


def add_to(nouns: Any) -> None:
    one = verb(nouns, "responses", "lire ce qu'un jeune partage, au nom de quelqu'un", read)
    one.add_argument("code", metavar="CODE", help="le code du jeune")
    one.add_argument(
        "--as",
        dest="login",
        required=True,
        metavar="IDENTIFIANT",
        help="qui lit : son accès, et son nom dans le journal",
    )


async def read(call: Call) -> Said:
    content.load(call.settings["CONTENT"])
    async with call.database.read() as tx:
        reader = await staff.by_login(tx, call.typed.login)
        of = await structure.get(tx, reader.structure_id)
    if reader.disabled_at is not None:
        raise Refused("staff_disabled")
    who, found = await _read_by(call, reader)
    facts = [_facts(one, of) for one in found]
    if not found:
        return Said(facts, f"{who.nickname} ne partage rien pour l'instant.")
    lines = [
        f"{day_and_time(f['at'], today=call.now)}, {f['title']}\n  {f['question']}\n  → {f['answer']}"
        for f in facts
    ]
    noted = f"Lecture notée au nom de {reader.name} : {who.nickname} peut le voir."
    return Said(facts, "\n\n".join([*lines, noted]))


async def _read_by(call: Call, reader: Staff) -> tuple[Youth, list[Response]]:
    """What this person may read; a refusal is noted, as it is at the desk."""
    about = None
    try:
        async with call.database.write() as tx:
            who = await youth.by_code(tx, call.typed.code, reader.structure_id)
            about = who.id
            return who, await response.read_by(
                tx, call.now, reader, who, page="relais-responses", limit=AT_MOST
            )
    except NotFound:
        async with call.database.write() as tx:
            await audit.note(tx, call.now, reader.id, "page_refused", about)
        raise


def _facts(one: Response, of: Structure) -> dict[str, Any]:
    script = scripts.script(one.script, one.version)
    question, answer = scripts.in_words(script, one.variable, one.value)
    return {
        "id": str(one.id),
        "conversation": str(one.conversation_id),
        "script": one.script,
        "version": one.version,
        "variable": one.variable,
        "value": one.value,
        "at": local(one.at, of),
        "title": script.title if script else one.script,
        "question": question,
        "answer": answer,
    }
