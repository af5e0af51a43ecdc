"""The past of an installation, and what it has planned: rows that nobody needs while a message
leaves, in their proportions.

The database generates them itself, one statement each, spread over the youths who are there and
over the time that each table is kept. Their identifiers are older than all that follow.
"""

from sqlalchemy import text

from bench.caseload import NOW
from records.columns import new_id
from records.database import Database, Tx

SHARES = {  # of a thousand rows of history
    "message": 560,
    "planned": 15,
    "response": 250,
    "inbox": 90,
    "conversation": 80,
    "accepted_update": 3,  # of three days only
    "channel_message": 2,  # of two
}
_DAYS = {"channel_message": 2, "accepted_update": 3}  # how long they are kept; the others:
_TWO_YEARS = 730
_FAR = 1 << 52  # identifiers that much smaller are twelve days older: no new one comes near
_SOMEONE = """
CREATE TEMP TABLE someone AS
SELECT row_number() OVER (ORDER BY youth.id) - 1 AS place, youth.id AS youth_id,
       youth.structure_id, contact.id AS contact_id, contact.bot_id
FROM youth JOIN contact ON contact.youth_id = youth.id
"""
_GENERATED = """
WITH RECURSIVE
past(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM past WHERE n + 1 < :rows),
moment AS (
    SELECT n, :first + n AS id,
           strftime('%Y-%m-%d %H:%M:%f000', :now,
                    printf('%.6f days', (n - :rows) * :days / :rows)) AS at
    FROM past)
INSERT INTO {table} ({columns})
SELECT {values} FROM moment JOIN someone ON someone.place = n % :people
"""
_WHOSE = {"id": "moment.id", "structure_id": "structure_id", "youth_id": "youth_id"}
_SOME_DAY = f"strftime('%Y-%m-%d %H:%M:%f000', at, '{_TWO_YEARS + 1} days')"
_MESSAGE = _WHOSE | {
    "bot_id": "bot_id",
    "channel": "'telegram'",
    "kind": "'reminder'",
    "purpose": "'reminders'",
    "unasked": "1",
    "priority": "2",
    "revision": "0",
    "repeated": "0",
    "created_at": "at",
}
_COLUMNS = {
    "message": _MESSAGE
    | {
        "due_at": "at",
        "not_after": "at",
        "unique_key": "'past:' || moment.id",
        "state": "'sent'",
        "attempts": "1",
        "sent_at": "at",
        "channel_message_id": "n",
    },
    "planned": _MESSAGE
    | {
        "id": "moment.id + 1000000000",
        "due_at": _SOME_DAY,
        "not_after": _SOME_DAY,
        "unique_key": "'planned:' || moment.id",
        "state": "'waiting'",
        "attempts": "0",
    },
    "channel_message": {
        "id": "moment.id",
        "structure_id": "structure_id",
        "bot_id": "bot_id",
        "contact_id": "contact_id",
        "channel": "'telegram'",
        "channel_id": "n",
        "direction": "'out'",
        "at": "at",
    },
    "response": _WHOSE
    | {
        "conversation_id": "moment.id",
        "script": "'weather'",
        "version": "1",
        "variable": "'mood'",
        "value": "randomblob(40)",
        "visibility": "'me'",
        "at": "at",
    },
    "accepted_update": {"bot_id": "bot_id", "update_id": "n + 1", "at": "at"},
    "inbox": _WHOSE | {"kind": "'words'", "text": "randomblob(60)", "at": "at", "seen_at": "at"},
    "conversation": _WHOSE
    | {
        "script": "'weather'",
        "version": "1",
        "anonymous": "0",
        "status": "'done'",
        "began_at": "at",
        "touched_at": "at",
    },
}


async def fill(database: Database, rows: int) -> None:
    """About `rows` rows in all. SQLite only: every run of the benchmark is on it."""
    async with database.write() as tx:
        await tx.run(text(_SOMEONE))
        people = int(await tx.value(text("SELECT count(*) FROM someone")))
        first = new_id() - _FAR
        for name, share in SHARES.items():
            await _insert(tx, name, rows * share // 1000, first, people)
        await tx.run(text("DROP TABLE someone"))


async def _insert(tx: Tx, name: str, rows: int, first: int, people: int) -> None:
    if not rows:
        return
    columns = _COLUMNS[name]
    table = "message" if name == "planned" else name
    statement = _GENERATED.format(
        table=table, columns=", ".join(columns), values=", ".join(columns.values())
    )
    await tx.run(
        text(statement),
        {
            "rows": rows,
            "first": first,
            "people": people,
            "days": float(_DAYS.get(name, _TWO_YEARS)),
            "now": NOW.strftime("%Y-%m-%d %H:%M:%S"),
        },
    )
