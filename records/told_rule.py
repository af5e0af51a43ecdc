"""The structure's written rule for minors, as each youth was told it.

A youth has read it at enrolment. One that is made stricter afterwards binds nobody who has not been
told: until then, what each of them read goes on. By night, whoever must be told gets one message, in
their own hours and within the week's budget; what is loosened applies at once.

A rule is kept as the cells that say « tell », in order: « debts:15_17 suicide:under_15 ».
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from records import alert, contact, message, structure, youth
from records.consent import standing
from records.database import Database, Tx
from records.structure import Structure
from records.youth import Youth

PAGE = 200
KIND = "rule"
ASKED_FOR = timedelta(days=14)


async def tell_whoever_must(database: Database, now: datetime) -> int:
    """Plan the message for everyone whom the rule of now says more of than they were told, page by
    page. Returns for how many."""
    async with database.read() as tx:
        places = await structure.all_structures(tx)
    return sum([await _tell_in(database, now, of) for of in places if alert.rule_of(of)])


async def _tell_in(database: Database, now: datetime, of: Structure) -> int:
    told, after = 0, 0
    while True:
        async with database.write() as tx:
            page = await _told_another(tx, of, after)
            untold = [who for who in page if _binds_more(now, of, who)]
            await message.queue(tx, now, [_draft(now, of, who) for who in untold])
        told += len(untold)
        if len(page) < PAGE:
            return told
        after = page[-1].id


async def _told_another(tx: Tx, of: Structure, after: int) -> list[Youth]:
    """A page of youths of this structure who can be told, and were told something else; nobody who
    wants nothing sent, nor whoever has it on its way."""
    y, phone, news = youth.youth, contact.contact, message.message
    rows = await tx.rows(
        select(y)
        .where(
            y.c.id > after,
            y.c.structure_id == of.id,
            y.c.closed_at.is_(None),
            y.c.paused_at.is_(None),
            or_(y.c.told_rule.is_(None), y.c.told_rule != alert.rule_of(of)),
            exists().where(standing.c.youth_id == y.c.id, standing.c.given),
            exists().where(phone.c.youth_id == y.c.id, phone.c.state == "confirmed"),
            ~exists().where(news.c.youth_id == y.c.id, message.is_open(news), news.c.kind == KIND),
        )
        .order_by(y.c.id)
        .limit(PAGE)
    )
    return [youth.opened(tx, row) for row in rows]


def _binds_more(now: datetime, of: Structure, who: Youth) -> bool:
    """Whether it says of them, at their age or a later one, what they were not told."""
    bands = alert.bands_to_come(who.birth_month, now.astimezone(of.tz).date())
    new = set(alert.rule_of(of).split()) - set((who.told_rule or "").split())
    return any(cell.partition(":")[2] in bands for cell in new)


def _draft(now: datetime, of: Structure, who: Youth) -> message.Draft:
    return message.Draft(
        of.id,
        of.bot_id,
        who.id,
        KIND,
        now,
        now + ASKED_FOR,
        {"told": alert.rule_of(of)},
        key=f"rule:{who.id}:{now:%Y%m%d%H%M%S}",
        purpose="consents",
        unasked=True,
        priority=message.REST,
    )


async def has_read(tx: Tx, youth_ids: Collection[int], rule: str) -> None:
    """They were told this rule: at enrolment, or by a message that has left."""
    theirs = youth.youth.c.id.in_(youth_ids)
    await tx.run(youth.youth.update().where(theirs), {"told_rule": rule})
