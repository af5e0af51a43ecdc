"""Who is responsible is one tap away at enrolment, before anything is agreed to."""

import re

from records.database import remember
from tests.admin.house import House, words
from tests.journeys.thumb import said, tap
from tests.town import Town


async def screens_of_enrolment(town: Town) -> str:
    """All that the phone shows before the first question."""
    phone = town.telegram.person("Sami")
    phone.start(town.bot, await town.invite(town.cast.sami))
    await town.quiet()
    shown = [phone.last.text]
    while said("script.go") in phone.last.labels:
        await tap(town, phone, said("script.go"))
        shown.append(phone.last.text)
    return "\n".join(shown)


async def test_the_link_of_the_notice_opens_the_page_of_this_structure(town: Town) -> None:
    async with House(town.database, town.cast).open() as house:
        async with town.database.write() as tx:
            await remember(tx, "desk_url", "https://desk.example")
        shown = await screens_of_enrolment(town)
        found = re.search(r"https://desk\.example(/information/\d+/[\d-]+)", shown)
        assert found, shown
        async with await house.visitor() as anyone:
            page = await anyone.get(found[1])
    assert page.status_code == 200
    assert "est responsable" in words(page)


async def test_without_an_address_that_a_phone_can_open_there_is_no_link(town: Town) -> None:
    shown = await screens_of_enrolment(town)
    assert "/information/" not in shown
    assert "notice_link" not in shown
