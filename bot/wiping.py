"""« /efface » and « Cacher »: the chat is emptied of what the Bot API lets a bot remove.

The request is a fact, committed as a message of its own kind; the removing comes afterwards, and
again from the start if the process dies meanwhile: what is gone already is passed over. Bot API,
« deleteMessages »: up to a hundred at once, both ways in a private chat, none older than 48 hours;
one that cannot be removed makes the whole call fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot import talk
from bot.channel import Channel, Outcome, Refused, Sent
from bot.visit import Visit
from content import screen_of
from dialogs.screen import Screen
from records import contact
from records.database import Database
from records.due import Due

AT_ONCE = 100


async def empty(visit: Visit) -> None:
    """« /efface »: and say what was removed, what remains, and how to remove that."""
    await _begin(visit, hide=False)


async def hide(visit: Visit) -> None:
    """« Cacher »: the same, and nothing is left but a word that says nothing; the keyboard goes,
    until something is written here again."""
    await _begin(visit, hide=True)


async def _begin(visit: Visit, *, hide: bool) -> None:
    """Whatever is written next is not for a script that nobody sees any more."""
    await talk.put_away(visit)
    visit.wipe(hide=hide)


@dataclass(slots=True)
class Emptied:
    """What was removed so far, what could not be, and what stopped it, if something did."""

    gone: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    stopped: Outcome | None = None


async def wipe(database: Database, channel: Channel, due: Due) -> tuple[Outcome, list[int]]:
    """Remove what can be, then say so. How it ended, and which messages are gone."""
    assert due.address is not None
    assert due.contact_id is not None
    async with database.read() as tx:
        ids = await contact.shown_ids(tx, due.contact_id)
    emptied = Emptied()
    for first in range(0, len(ids), AT_ONCE):
        await _remove(channel, due.address, ids[first : first + AT_ONCE], emptied)
        if emptied.stopped is not None:
            return emptied.stopped, emptied.gone
    counted = {"removed": len(emptied.gone), "kept": len(emptied.kept)}
    screen = _last_word(replace(due, params=due.params | counted))
    return await channel.send(due.address, screen), emptied.gone


async def _remove(channel: Channel, address: str, ids: Sequence[int], emptied: Emptied) -> None:
    """A refused call is halved, until the one message that cannot be removed is alone."""
    outcome = await channel.remove(address, ids)
    if isinstance(outcome, Sent):
        emptied.gone += ids
    elif not isinstance(outcome, Refused) or outcome.phone_lost:
        emptied.stopped = outcome
    elif len(ids) == 1:
        emptied.kept += ids
    else:
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            if emptied.stopped is None:
                await _remove(channel, address, half, emptied)


def _last_word(due: Due) -> Screen:
    return screen_of(due, due.facts.due_at)
