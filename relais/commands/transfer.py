"""`relais youth transfer` and `relais staff transfer`: a youth, or a whole caseload, goes to another
educator; what each youth will be told is said before they are."""

import argparse

from admin.wording import counted
from records import staff, transfer
from relais.command import Call, Said
from relais.commands import planned
from relais.commands.typed import youth_named


def declare(one: argparse.ArgumentParser) -> None:
    one.add_argument("--to", required=True, metavar="IDENTIFIANT", help="qui accompagne désormais")


async def of_youth(call: Call) -> Said:
    async with call.database.write() as tx:
        who = await youth_named(tx, call.typed.code, call.typed.structure)
        before = await staff.get(tx, who.educator_id)
        to = await staff.by_login(tx, call.typed.to)
        await transfer.one(tx, call.now, who, to)
        waiting = await planned.waiting(tx, call.now, call.settings, youth_id=who.id)
        told = bool(await planned.told_of_readers(tx, call, [who]))
    facts = {
        "code": who.code,
        "from": before.login,
        "to": to.login,
        "told": told,
        "messages": [one.facts for one in waiting],
    }
    said = f"{to.name} accompagne maintenant {who.nickname}. {before.name} ne le voit plus."
    return Said(facts, f"{said}\n\n{planned.seen(waiting, who.nickname)}")


async def of_caseload(call: Call) -> Said:
    async with call.database.write() as tx:
        leaving = await staff.by_login(tx, call.typed.login)
        to = await staff.by_login(tx, call.typed.to)
        people = await transfer.all_of(tx, call.now, leaving, to)
        told = await planned.told_of_readers(tx, call, people)
    untold = [who for who in people if who.id not in told]
    facts = {
        "from": leaving.login,
        "to": to.login,
        "youths": [who.code for who in people],
        "told": [who.code for who in people if who.id in told],
    }
    if not people:
        return Said(facts, f"{leaving.name} n'accompagne personne : rien ne change.")
    went = counted(
        "%(num)s jeune passe de %(before)s à %(to)s.",
        "%(num)s jeunes passent de %(before)s à %(to)s.",
        len(people),
        before=leaving.name,
        to=to.name,
    )
    alone = [f"À prévenir de vive voix : {', '.join(w.code for w in untold)}."] if untold else []
    return Said(facts, "\n".join([went, *alone]))
