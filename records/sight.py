"""One youth as one reader may see them now: the state they are in for that reader, and its cell of
the matrix (`records.access`). Whoever shows something of a youth to staff comes here first."""

from dataclasses import dataclass
from datetime import datetime

from records import access, consent, cover, transfer, youth
from records.access import SHUT, SINCE, WITHDRAWN
from records.database import Tx
from records.errors import NotFound
from records.staff import Staff
from records.youth import Youth

CASELOAD = 500


@dataclass(frozen=True, slots=True)
class Sight:
    """`since`, under a cover: what is older is not shown. `covers_for`: whose youth this is."""

    who: Youth
    state: str
    cell: str
    since: datetime | None = None
    covers_for: int | None = None

    def shows(self, at: datetime) -> bool:
        """Whether something that happened then is shown."""
        return self.since is None or at >= self.since


async def of(tx: Tx, now: datetime, reader: Staff, page: str, who: Youth) -> Sight:
    """What this reader sees of this youth on this page; `NotFound` where that is nothing."""
    line, role = access.line(page), access.role_of(reader)
    state, active = await state_of(tx, now, reader, who)
    withdrawn = f"{state}{WITHDRAWN}"
    if withdrawn in access.STATES and line.cell(role, withdrawn) != line.cell(role, state):
        shared = await consent.sharing_stands(tx, now, who)
        state = state if shared else withdrawn
    cell = line.cell(role, state)
    if cell == SHUT:
        raise NotFound("youth_unknown")
    since = active.since if active and cell == SINCE else None
    return Sight(who, state, cell, since, active.absent_id if active else None)


async def by_id(tx: Tx, now: datetime, reader: Staff, page: str, youth_id: int) -> Sight:
    """The same, by an identifier that somebody gave; an erased youth is not there."""
    return await of(tx, now, reader, page, await youth.get(tx, youth_id))


async def state_of(
    tx: Tx, now: datetime, reader: Staff, who: Youth
) -> tuple[str, cover.Cover | None]:
    """The state of `records.access` that this youth is in for this reader, sharing apart; with the
    cover that is active, if it is one that lets them see."""
    if who.structure_id != reader.structure_id:
        return "elsewhere", None
    if who.closed_at is not None:
        return "closed", None
    if who.educator_id == reader.id:
        return "own", None
    return await _of_a_colleague(tx, now, reader, who)


async def _of_a_colleague(
    tx: Tx, now: datetime, reader: Staff, who: Youth
) -> tuple[str, cover.Cover | None]:
    covers = await cover.between(tx, who.educator_id, reader.id)
    active = next((one for one in covers if one.is_active(now)), None)
    if active:
        return "covered", active
    if any(one.is_to_come(now) for one in covers):
        return "cover_to_come", None
    if await transfer.was_with(tx, who.id, reader.id):
        return "transferred", None
    return ("cover_ended" if covers else "colleague"), None


async def caseload(tx: Tx, now: datetime, reader: Staff, page: str = "youth.show") -> list[Sight]:
    """Everyone whose page opens for this reader: their own, then those they cover for."""
    line, role = access.line(page), access.role_of(reader)
    found: list[Sight] = []
    if (cell := line.cell(role, "own")) != SHUT:
        own = await youth.listed(tx, educator_id=reader.id, limit=CASELOAD)
        found += [Sight(who, "own", cell) for who in own]
    if (cell := line.cell(role, "covered")) != SHUT:
        for one in await cover.by(tx, now, reader.id):
            theirs = await youth.listed(tx, educator_id=one.absent_id, limit=CASELOAD)
            since = one.since if cell == SINCE else None
            found += [Sight(who, "covered", cell, since, one.absent_id) for who in theirs]
    return found
