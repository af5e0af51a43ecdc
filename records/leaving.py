"""What waits, why, and when it really leaves: for the desk's previews and for `relais queue`.

The facts and the rule are delivery's own (`records.due`, `records.sending`). What is added here
is the bot's side: a message leaves at its hour only if its bot can speak then.
"""

from dataclasses import replace
from datetime import datetime

from records import outbox, structure
from records.database import Tx
from records.due import Due
from records.foreseen import foresee_all
from records.reasons import Held
from records.sending import Verdict

_SILENT: dict[str, Held] = {"revoked": "bot_revoked", "unreachable": "network"}
_TRIED: tuple[Held, ...] = (  # what delivery met when it last tried
    "rate_limited",
    "telegram_error",
    "network",
    "bot_revoked",
    "bot_taken_over",
)


async def foreseen(
    tx: Tx,
    now: datetime,
    *,
    structure_id: int | None = None,
    youth_id: int | None = None,
    limit: int = 100,
) -> list[tuple[Due, Verdict]]:
    """What becomes of all that waits, in the order of leaving. A verdict « later » has no time:
    the message leaves as soon as its bot can speak, unless it expires before."""
    waiting = await outbox.awaited(
        tx, now, structure_id=structure_id, youth_id=youth_id, limit=limit
    )
    states = await structure.bot_states(tx)
    return [
        (due, _by_its_bot(due, verdict, states, now)) for due, verdict in foresee_all(waiting, now)
    ]


def _by_its_bot(due: Due, verdict: Verdict, states: dict[int, str], now: datetime) -> Verdict:
    if verdict.action != "send" or verdict.at is None:
        return verdict
    if due.bot_id is None:
        return Verdict("later", "no_bot")
    if verdict.at > now:  # how the bot will be by then, nobody knows
        return replace(verdict, reason=verdict.reason or due.held_by or "")
    if silent := _SILENT.get(states[due.bot_id]):
        return Verdict("later", silent)
    if due.held_by in _TRIED:
        return Verdict("later", due.held_by)
    return replace(verdict, reason=due.held_by or verdict.reason)
