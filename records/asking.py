"""Asking again: whose yes no longer counts, because its text changed or an age was reached.

The rule itself needs none of this: delivery sees in the row that a consent is of before. What is
done here is to bring the question out, each night, a few hundred youths a commit;
whatever was interrupted is found again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, exists, select

from records import consent, consent_text, contact, message, structure, youth
from records.consent import Standing, standing
from records.consent_text import ASKS_AGAIN, NUDGE_AFTER, Why
from records.database import Database, Tx
from records.structure import Structure
from records.youth import Youth

PAGE = 200


async def put_in_force(tx: Tx, now: datetime, versions: Mapping[str, int]) -> list[str]:
    """Ask with these texts from now on; in the same commit, a yes to an older one counts no more.
    The purposes whose text changed."""
    changed = await consent_text.put_in_force(tx, now, versions)
    for purpose in changed:
        older = standing.c.text_version < versions[purpose]
        theirs = (standing.c.purpose == purpose, standing.c.given, older)
        await tx.run(
            standing.update().where(*theirs, standing.c.again_since.is_(None)),
            {"again_since": now},
        )
    return changed


async def ask_whoever_must(database: Database, now: datetime) -> int:
    """Plan the question for everyone to whom it is owed, page by page. Returns for how many."""
    asked, after = 0, 0
    while True:
        async with database.write() as tx:
            ids = await _with_a_yes(tx, now, after)
            asked += await _ask(tx, now, ids)
        if len(ids) < PAGE:
            return asked
        after = ids[-1]


async def _with_a_yes(tx: Tx, now: datetime, after: int) -> list[int]:
    """A page of youths who can be asked, with some yes, and no question on its way."""
    y, phone, waits = youth.youth, contact.contact, message.message
    on_its_way = and_(message.is_open(waits), ASKS_AGAIN, waits.c.due_at <= now + NUDGE_AFTER)
    rows = await tx.rows(
        select(y.c.id)
        .where(
            y.c.id > after,
            y.c.closed_at.is_(None),
            y.c.paused_at.is_(None),
            exists().where(standing.c.youth_id == y.c.id, standing.c.given),
            exists().where(phone.c.youth_id == y.c.id, phone.c.state == "confirmed"),
            ~exists().where(waits.c.youth_id == y.c.id, on_its_way),
        )
        .order_by(y.c.id)
        .limit(PAGE)
    )
    return [row.id for row in rows]


async def _ask(tx: Tx, now: datetime, ids: Sequence[int]) -> int:
    asked = 0
    stands = await consent.of_youths(tx, ids)
    rows = await tx.rows(select(youth.youth).where(youth.youth.c.id.in_(ids)))
    people = [youth.opened(tx, row) for row in rows]
    places = {of.id: of for of in await structure.some(tx, {who.structure_id for who in people})}
    for who in people:
        of = places[who.structure_id]
        asked += await _ask_one(tx, now, who, of, stands[who.id])
    return asked


async def _ask_one(
    tx: Tx, now: datetime, who: Youth, of: Structure, stands: Mapping[str, Standing]
) -> bool:
    rule = consent.regime(who.birth_month, of.consent_age, now.astimezone(of.tz).date())
    owed = [stands[purpose] for purpose in consent.to_ask_again(stands, rule)]
    if not owed:
        return False
    since = max((said.again_since for said in owed if said.again_since), default=None)
    why: Why = "text" if since else "age"
    occasion = f"{since:%Y%m%d%H%M%S}" if since else rule
    await consent_text.plan(tx, now, who, of, why, occasion, now)
    return True
