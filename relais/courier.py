"""The courier: posts the e-mails that are due, through each structure's own server.

Rows are claimed in one commit, posted outside any transaction, and settled in another. Between two
due times it sleeps; once a minute it looks whether something has gone unread for too long.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from ssl import SSLContext

from admin.letters import Envelope, letter
from records import mail_server, mailing
from records.database import Database, is_trouble
from records.mail_server import MailServer
from records.mailing import Letter, Posted
from relais.smtp import FOR_GOOD, OF_SERVER, Failed, Post, posting

log = logging.getLogger("relais.mail")
BATCH = 10  # letters of one claim
SESSION = 60.0  # seconds within which a structure's letters begin: far less than their lease
LOOK = 60.0  # seconds between two looks for what nobody reads
NAP, AGAIN = 1.0, 5.0


class Courier:
    """`now` is the product's clock, `real_now` the machine's; `desk` the desk's public address."""

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        real_now: Callable[[], datetime],
        desk: str,
        trust: SSLContext | None = None,
    ) -> None:
        self._database, self._now, self._real_now = database, now, real_now
        self._desk, self._trust = desk, trust
        self._woken, self._still = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._still.set()
        self._look_at = 0.0  # on the monotonic clock
        self._due: datetime | None = None

    def wake(self) -> None:
        """Something may be due: look soon."""
        self._woken.set()

    async def stop(self, within: float) -> None:
        """Begin nothing more, and let the letter that is on its way leave."""
        self._stopping = True
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._still.wait()

    async def run(self) -> None:
        """Work until `stop`; trouble with the database is waited out."""
        self._still.clear()
        try:
            await self._work()
        finally:
            self._still.set()

    async def _work(self) -> None:
        await self._patiently(self.recover)
        while not self._stopping:
            self._woken.clear()
            await self._patiently(self._turn)
            await self._rest()

    async def _patiently(self, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
                return
            except Exception as failure:
                if self._stopping:  # a driver may turn a cancellation into trouble of its own
                    raise
                if not is_trouble(failure):
                    log.exception("a round of e-mail failed", exc_info=failure)
                await asyncio.sleep(AGAIN)

    async def recover(self) -> None:
        """At start: what a process that died had claimed."""
        async with self._database.write() as tx:
            await mailing.recover(tx, self._real_now(), everything=self._database.is_sqlite)

    async def _turn(self) -> None:
        if time.monotonic() >= self._look_at:
            await self.look()
        while not self._stopping and await self._is_due():
            await self.round()

    async def look(self) -> None:
        """What has gone unread for too long, and what another process left behind."""
        async with self._database.write() as tx:
            await mailing.recover(tx, self._real_now())
            await mailing.look_for_unread(tx, self._now())
        self._look_at = time.monotonic() + LOOK

    async def _is_due(self) -> bool:
        async with self._database.read() as tx:
            self._due = await mailing.next_due(tx)
        return self._due is not None and self._due <= self._now()

    async def _rest(self) -> None:
        """Until the next due time, the next look, or a wake; a busy hour wakes it often."""
        wait = self._look_at - time.monotonic()
        if self._due is not None:
            wait = min(wait, (self._due - self._now()).total_seconds())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(wait, 0)):
                await self._woken.wait()
        if not self._stopping:
            await asyncio.sleep(NAP)

    async def round(self) -> bool:
        """Post what is due now. True when there was anything."""
        async with self._database.write() as tx:
            letters = await mailing.claim(tx, self._now(), self._real_now(), BATCH)
        place = attrgetter("structure_id")
        await asyncio.gather(
            *(self._post(of, list(some)) for of, some in groupby(sorted(letters, key=place), place))
        )
        return bool(letters)

    async def _post(self, structure_id: int, letters: Sequence[Letter]) -> None:
        """One structure's letters, and how they and its server did, in one commit."""
        leaving = [one for one in letters if not one.reason]
        done = [Posted(one, "dropped", one.reason) for one in letters if one.reason]
        async with self._database.read() as tx:
            server = await mail_server.of(tx, structure_id)
        state = None
        if leaving and server is None:
            done += [Posted(one, "later", "no_server") for one in leaving]
        elif leaving and server is not None:
            posted, state = await self._through(server, leaving)
            done += posted
        async with self._database.write() as tx:
            await mailing.settle(tx, self._now(), done)
            if state:
                await mail_server.went(tx, self._real_now(), structure_id, state)

    async def _through(
        self, server: MailServer, letters: Sequence[Letter]
    ) -> tuple[list[Posted], str]:
        """What is left when the server fails, or time runs out, is tried again later."""
        done: list[Posted] = []
        state, until = "ok", time.monotonic() + SESSION
        try:
            async with posting(server, self._trust) as post:
                for one in letters:
                    if self._stopping or time.monotonic() >= until:
                        break
                    done.append(await self._one(post, server, one))
        except Failed as failed:
            state = failed.reason
            log.warning("e-mail waits: %s", state)
        reason = None if state == "ok" else state
        return [*done, *(Posted(one, "later", reason) for one in letters[len(done) :])], state

    async def _one(self, post: Post, server: MailServer, one: Letter) -> Posted:
        """What is wrong with the server is raised: it is so for all that are left."""
        try:
            await post.send(letter(one.about, self._envelope(server, one)))
        except Failed as failed:
            if failed.reason in OF_SERVER:
                raise
            outcome = "refused" if failed.reason in FOR_GOOD else "uncertain"
            log.warning("an e-mail is %s: %s", outcome, failed.reason)
            return Posted(one, outcome, failed.reason)
        return Posted(one, "sent", "repeated" if one.repeated else None)

    def _envelope(self, server: MailServer, one: Letter) -> Envelope:
        """The same number when it is posted again: mail programs show it once."""
        number = self._database.vault.index("notification.message", str(one.id)).hex()
        return Envelope(server.sender, one.address, number, self._real_now(), self._desk)
