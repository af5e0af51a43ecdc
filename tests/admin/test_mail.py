"""« Mes e-mails »: an address proved by a link, choices, a test; and what is told when it fails."""

import functools
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from records import mail_server, mailbox, mailing
from records.database import Database
from records.notification import tell
from relais.smtp import post_one
from tests.admin.house import House, Visitor, words
from tests.cast import NOW, Cast
from tests.mail_town import PostOffice, post_office, trust
from tests.records.test_notification import reached

PAGE = "/compte/e-mails"
ADDRESS = "nadia@structure.test"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office("starttls", signs_in=True) as opened:
        yield opened


@pytest.fixture
async def mailed(database: Database, cast: Cast, office: PostOffice) -> AsyncIterator[House]:
    """The desk of a structure that has a server."""
    async with database.write() as tx:
        await mail_server.keep(tx, NOW, office.server(cast.structure_id))
    post = functools.partial(post_one, trust=trust())
    async with House(database, cast, post=post, address="https://bureau.test").open() as opened:
        yield opened


@pytest.fixture
async def nadia(mailed: House) -> AsyncIterator[Visitor]:
    async with await mailed.visitor("nadia") as visitor:
        await visitor.get(PAGE)
        yield visitor


def link_in(office: PostOffice) -> str:
    """The path that the last e-mail leads to."""
    [link] = re.findall(r"https://bureau\.test\S+", office.letters[-1].get_content())
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


async def test_an_address_is_told_nothing_before_its_link_was_pressed(
    nadia: Visitor, office: PostOffice, database: Database, cast: Cast
) -> None:
    await nadia.post(PAGE, part="address", email=ADDRESS)
    assert office.recipients == [ADDRESS]
    link = link_in(office)
    assert cast.nadia.login not in link
    await nadia.get(link)  # a mail program that opens links by itself proves nothing
    async with database.read() as tx:
        assert not (await mailbox.of(tx, cast.nadia.id)).is_reached
    done = await nadia.post(link.partition("?")[0], lien=link.partition("lien=")[2])
    assert done.headers["location"].endswith("email_proved")
    assert "Confirmée" in words(await nadia.get(PAGE))
    again = await nadia.post(link.partition("?")[0], lien=link.partition("lien=")[2])
    assert again.headers["location"].endswith("email_link_old")


async def test_somebody_elses_link_proves_nothing(
    mailed: House, nadia: Visitor, office: PostOffice, database: Database, cast: Cast
) -> None:
    await nadia.post(PAGE, part="address", email=ADDRESS)
    path, _, token = link_in(office).partition("?lien=")
    async with await mailed.visitor("karim") as karim:
        await karim.get(PAGE)
        await karim.post(path, lien=token)
    async with database.read() as tx:
        assert not (await mailbox.of(tx, cast.nadia.id)).is_reached
        assert not (await mailbox.of(tx, cast.karim.id)).is_reached


async def test_choices_are_kept_as_they_were_typed(
    nadia: Visitor, database: Database, cast: Cast
) -> None:
    await nadia.post(
        PAGE,
        part="choices",
        alerts="hours",
        refusals="never",
        unread="daily",
        unread_after="8",
        unread_at="8 h 30",
        quiet="60",
    )
    async with database.read() as tx:
        chosen = (await mailbox.of(tx, cast.nadia.id)).choices
    assert chosen == mailbox.Choices("hours", "never", "daily", 8, "08:30", 60)
    page = words(await nadia.get(PAGE))
    assert 'value="8\u00a0h\u00a030"' in page


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"part": "address", "email": "nadia"}, "une adresse e-mail"),
        ({"part": "address", "email": "a@b.fr\r\nBcc: c@d.fr"}, "une adresse e-mail"),
        ({"part": "choices", "unread_at": "bientôt"}, "Écrivez une heure"),
        ({"part": "choices", "unread_at": "9 h", "alerts": "x"}, "Choisissez une réponse"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    nadia: Visitor, typed: dict[str, str], says: str, office: PostOffice
) -> None:
    answer = await nadia.post(PAGE, **typed)
    assert answer.status_code == 422
    assert says in words(answer)
    assert 'value="4" selected' in words(answer), "the other form lost what was chosen"
    assert office.letters == []


async def test_a_server_that_refuses_the_address_is_told_beside_it_and_may_be_tried_again(
    nadia: Visitor, office: PostOffice
) -> None:
    office.refused[ADDRESS] = "550 no such user"
    answer = await nadia.post(PAGE, part="address", email=ADDRESS)
    assert "refuse votre adresse" in words(answer)
    office.refused.clear()
    await nadia.post(PAGE, part="address", email=ADDRESS)
    assert office.recipients == [ADDRESS]


async def test_links_are_not_sent_one_after_the_other(
    mailed: House, nadia: Visitor, office: PostOffice
) -> None:
    await nadia.post(PAGE, part="address", email=ADDRESS)
    answer = await nadia.post(PAGE, part="address", email="une.autre@structure.test")
    assert "Attendez 2 minutes" in words(answer)
    mailed.real += timedelta(minutes=3)
    await nadia.post(PAGE, part="address", email="une.autre@structure.test")
    assert office.recipients == [ADDRESS, "une.autre@structure.test"]


async def test_a_test_is_sent_or_says_why_not(
    nadia: Visitor, office: PostOffice, database: Database, cast: Cast
) -> None:
    await reached(database, cast.nadia.id)
    done = await nadia.post(f"{PAGE}/essai")
    assert done.headers["location"].endswith("email_test_sent")
    assert office.letters[-1]["Subject"] == "Un essai de Relais"
    office.answers["MAIL"] = "550 not yours"
    assert "adresse d'expédition" in words(await nadia.post(f"{PAGE}/essai"))


async def test_an_address_can_be_taken_away(nadia: Visitor, database: Database, cast: Cast) -> None:
    await reached(database, cast.nadia.id)
    await nadia.post(f"{PAGE}/oublier")
    async with database.read() as tx:
        assert (await mailbox.of(tx, cast.nadia.id)).address == ""
    assert ADDRESS not in words(await nadia.get(PAGE))


async def test_an_evaluator_has_nothing_to_be_told_of(mailed: House) -> None:
    async with await mailed.visitor("omar") as omar:
        assert (await omar.get(PAGE)).status_code == 404


async def test_the_desk_says_when_the_server_fails_and_to_whom_it_matters(
    mailed: House, nadia: Visitor, database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await mail_server.went(tx, NOW, cast.structure_id, "auth")
    assert "mot de passe de Relais" not in words(await nadia.get("/"))
    await reached(database, cast.nadia.id)
    assert "mot de passe de Relais" in words(await nadia.get("/"))
    async with await mailed.visitor("claire") as claire:
        assert "mot de passe de Relais" in words(await claire.get("/equipe"))


async def test_a_short_silence_of_the_server_worries_nobody(
    mailed: House, nadia: Visitor, database: Database, cast: Cast
) -> None:
    await reached(database, cast.nadia.id)
    async with database.write() as tx:
        await mail_server.went(tx, NOW, cast.structure_id, "unreachable")
    assert "ne répond pas" not in words(await nadia.get("/"))
    mailed.real += timedelta(minutes=6)
    assert "ne répond pas" in words(await nadia.get("/"))


async def test_an_email_that_was_refused_is_told_to_its_person_and_to_coordination(
    mailed: House, nadia: Visitor, database: Database, cast: Cast
) -> None:
    await reached(database, cast.nadia.id)
    async with database.write() as tx:
        await tell(tx, NOW, cast.nadia.id, "alert")
        [letter] = await mailing.claim(tx, NOW, NOW, 10)
        await mailing.settle(tx, NOW, [mailing.Posted(letter, "refused", "recipient")])
    assert "refuse votre adresse" in words(await nadia.get("/"))
    async with await mailed.visitor("claire") as claire:
        page = words(await claire.get("/equipe"))
    assert "Ses e-mails n'arrivent pas" in page
    assert "Aucun e-mail en cas d'alerte" in page  # Karim gave no address
    assert ADDRESS not in page
