"""One conversation with a structure's SMTP server, and the one word for how it went.

RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH). The certificate is always verified; every
step has an end. What a server answers is never logged: it may repeat an address.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Literal, get_args

import aiosmtplib

from records.mail_server import MailServer

STEP = 10.0  # seconds that each exchange with the server may take
# Of the server itself: every letter of its structure waits until it is mended, or answers again.
OfServer = Literal["unreachable", "timeout", "tls", "auth", "sender", "busy", "protocol"]
# Of one letter: refused for good, or perhaps on its way.
OfLetter = Literal["recipient", "rejected", "no_reply"]
Trouble = Literal[OfServer, OfLetter]
OF_SERVER: tuple[str, ...] = get_args(OfServer)
FOR_GOOD: tuple[str, ...] = ("recipient", "rejected")


class Failed(Exception):
    """How it failed; `reason` is one of `Trouble`."""

    def __init__(self, reason: Trouble) -> None:
        super().__init__(reason)
        self.reason: Trouble = reason


class Post:
    """An open conversation: letters leave through it, one after another."""

    def __init__(self, client: aiosmtplib.SMTP, server: MailServer) -> None:
        self._client, self._server = client, server

    async def send(self, letter: EmailMessage) -> None:
        """Raises `Failed`. « no_reply »: the letter was handed over and nothing came back."""
        try:
            await self._client.mail(self._server.sender)
            await self._client.rcpt(str(letter["To"]))
        except aiosmtplib.SMTPSenderRefused as refused:
            raise Failed("busy" if _passing(refused) else "sender") from None
        except aiosmtplib.SMTPRecipientRefused as refused:
            await self._begin_again()
            raise Failed("busy" if _passing(refused) else "recipient") from None
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise Failed(_trouble(failure)) from None
        await self._hand_over(letter)

    async def _hand_over(self, letter: EmailMessage) -> None:
        try:
            await self._client.data(letter.as_bytes())
        except aiosmtplib.SMTPResponseException as refused:
            await self._begin_again()
            raise Failed("busy" if _passing(refused) else "rejected") from None
        except (aiosmtplib.SMTPException, OSError):
            raise Failed("no_reply") from None

    async def _begin_again(self) -> None:
        """The next letter does not pay for this one."""
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()


async def post_one(
    server: MailServer, letter: EmailMessage | None, trust: ssl.SSLContext | None = None
) -> str:
    """Send one letter, or merely go in and out again; « ok », or one of `Trouble`."""
    try:
        async with posting(server, trust) as post:
            if letter is not None:
                await post.send(letter)
    except Failed as failed:
        return failed.reason
    return "ok"


@asynccontextmanager
async def posting(
    server: MailServer, trust: ssl.SSLContext | None = None, *, step: float = STEP
) -> AsyncIterator[Post]:
    """Connect, secure, sign in; `Failed` says which of these went wrong."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=(trust or ssl.create_default_context()) if server.security != "none" else None,
        local_hostname=server.sender.rpartition("@")[2],  # not this machine's own name
        timeout=step,
    )
    try:
        await _enter(client, server)
        yield Post(client, server)
    finally:
        await _goodbye(client)


async def _enter(client: aiosmtplib.SMTP, server: MailServer) -> None:
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError, ValueError) as failure:
        raise Failed(_trouble(failure)) from None
    if not server.user:
        return
    try:
        await client.login(server.user, server.password)
    except (aiosmtplib.SMTPException, OSError) as failure:
        trouble = _trouble(failure)  # a server that asks for no account has none of ours
        raise Failed("auth" if trouble == "protocol" else trouble) from None


async def _goodbye(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError):
        client.close()


def _trouble(failure: Exception) -> OfServer:
    """Which kind of trouble a server's failure is; TLS hides inside a connection's error."""
    if isinstance(failure, aiosmtplib.SMTPAuthenticationError):
        return "busy" if _passing(failure) else "auth"
    if isinstance(failure, aiosmtplib.SMTPTimeoutError | TimeoutError):
        return "timeout"
    if _of_tls(failure):
        return "tls"
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        return "busy" if _passing(failure) else "protocol"
    if isinstance(failure, aiosmtplib.SMTPConnectError | OSError):
        return "unreachable"
    return "protocol"


def _of_tls(failure: BaseException | None) -> bool:
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        refuses = isinstance(failure, aiosmtplib.SMTPException) and "STARTTLS" in str(failure)
        if isinstance(failure, ssl.SSLError) or refuses:
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def _passing(refused: Exception) -> bool:
    """4xx: not now (RFC 5321, § 4.2.1)."""
    return 400 <= int(getattr(refused, "code", 0)) < 500
