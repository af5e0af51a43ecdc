"""What is wrong with the bot and what to do, on the page that each role opens first."""

from datetime import timedelta

from admin.sentences import BOT
from admin.visit import Visit
from admin.wording import _
from records import structure
from records.database import Tx
from records.structure import Structure

HICCUP = timedelta(minutes=5)  # a bot out of reach for less than that worries nobody


async def of_the_bot(tx: Tx, visit: Visit, of: Structure) -> str:
    """Empty while it is well, or was so until just now."""
    if of.bot_id is None:
        return ""
    state, since = await structure.bot_state(tx, of.bot_id)
    passing = state == "unreachable" and visit.desk.real_now() - since < HICCUP
    return _(BOT[state]) if state in BOT and not passing else ""
