"""One conversation with an SMTP server, real and on loopback, and the one word for how it went."""

import asyncio
from email.message import EmailMessage
from typing import Any

import pytest

from admin.letters import Envelope, letter
from records.mail_server import MailServer
from relais import smtp
from relais.smtp import Failed, posting
from tests.cast import NOW
from tests.mail_town import PostOffice, post_office, trust


def to(address: str = "nadia@structure.test") -> EmailMessage:
    envelope = Envelope("relais@structure.test", address, "1", NOW, "https://bureau.test")
    return letter("alert", envelope)


async def sent(server: MailServer, step: float = smtp.STEP) -> str:
    """Post an e-mail through this server; how it ended."""
    try:
        async with posting(server, trust(), step=step) as post:
            await post.send(to())
    except Failed as failed:
        return failed.reason
    return "ok"


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
async def test_a_letter_leaves_by_each_kind_of_security(security: str) -> None:
    async with post_office(security) as office:
        assert await sent(office.server(1)) == "ok"
        assert office.recipients == ["nadia@structure.test"]


async def test_an_account_is_given_inside_the_secured_conversation() -> None:
    async with post_office("starttls", signs_in=True) as office:
        assert await sent(office.server(1)) == "ok"
        assert await sent(office.server(1, password="un-autre")) == "auth"
        assert len(office.letters) == 1


async def test_an_account_for_a_server_without_accounts_is_refused_as_one() -> None:
    async with post_office("starttls") as office:
        assert await sent(office.server(1, user="x", password="y")) == "auth"


async def test_a_certificate_of_nobody_we_know_is_refused() -> None:
    async with post_office("tls") as office:
        with pytest.raises(Failed, match="tls"):
            async with posting(office.server(1)):
                pass
    async with post_office("starttls") as office:
        with pytest.raises(Failed, match="tls"):
            async with posting(office.server(1)):
                pass


async def test_a_server_that_offers_no_starttls_is_given_nothing_in_clear() -> None:
    async with post_office("none") as office:
        assert await sent(office.server(1, security="starttls")) == "tls"
        assert office.letters == []


async def test_nobody_at_that_address() -> None:
    async with post_office() as office:
        port = office.port
    assert await sent(PostOffice(port=port).server(1)) == "unreachable"


@pytest.mark.parametrize(
    ("step", "answer", "reason"),
    [
        ("MAIL", "550 sender not allowed", "sender"),
        ("MAIL", "451 later", "busy"),
        ("RCPT", "550 no such user nadia@structure.test", "recipient"),
        ("RCPT", "450 greylisted", "busy"),
        ("DATA", "554 looks like spam", "rejected"),
        ("DATA", "452 no room", "busy"),
    ],
)
async def test_each_refusal_has_its_word(step: str, answer: str, reason: str) -> None:
    async with post_office() as office:
        office.answers[step] = answer
        assert await sent(office.server(1)) == reason


async def test_a_reply_that_is_lost_after_the_letter_is_no_refusal() -> None:
    async with post_office() as office:

        async def hang_up(server: Any) -> None:
            server.transport.close()
            await asyncio.sleep(0)

        office.at_data = hang_up
        assert await sent(office.server(1)) == "no_reply"
        assert len(office.letters) == 1


async def test_a_server_that_says_nothing_is_waited_for_a_little() -> None:
    silent = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        assert await sent(PostOffice(port=port).server(1), step=0.2) == "timeout"


async def test_one_refused_address_does_not_stop_the_next_letter() -> None:
    async with post_office() as office:
        office.refused["parti@structure.test"] = "550 no such user"
        async with posting(office.server(1), trust()) as post:
            with pytest.raises(Failed, match="recipient"):
                await post.send(to("parti@structure.test"))
            await post.send(to())
        assert office.recipients == ["nadia@structure.test"]


async def test_what_an_email_carries_and_what_it_does_not() -> None:
    async with post_office() as office:
        await sent(office.server(1))
        (came,) = office.letters
    assert came["Subject"] == "Une alerte vous attend sur Relais"
    assert came["From"] == "Relais <relais@structure.test>"
    assert came["Auto-Submitted"] == "auto-generated"
    assert came["List-Unsubscribe"] == "<https://bureau.test/compte/e-mails>"
    assert came["Message-ID"] == "<1@structure.test>"
    assert came["Date"] == "Mon, 23 Nov 2026 10:00:00 +0000"
    assert came.get_content_type() == "text/plain"
    assert came.get_content_charset() == "utf-8"
    text = came.get_content()
    assert "https://bureau.test/" in text.splitlines()
    assert "\u00a0:" in text
    assert not [word for word in text.split() if word.startswith("https:") and "?" in word]
