"""Passwords for one use, and colleagues who are let in again by coordination."""

import re

from records import passwords, staff, structure
from tests.admin.house import House, words
from tests.admin.test_account import NEW
from tests.admin.test_second_factor import with_phone


async def test_a_password_made_by_somebody_else_opens_the_desk_once(house: House) -> None:
    made = passwords.new_password()
    async with house.database.write() as tx:
        until = house.real + staff.TEMPORARY
        await staff.set_password(
            tx, house.real, house.cast.nadia.id, passwords.hash_password(made), until=until
        )
    async with await house.visitor() as visitor:
        await visitor.post("/connexion", login="nadia", password=made)
        for path in ("/", "/jeunes", "/compte"):
            assert (await visitor.get(path)).headers["location"] == "/compte/mot-de-passe", path
        await visitor.get("/compte/mot-de-passe")
        acted = await visitor.post("/jeunes/nouveau", nickname="Zoé")
        assert acted.headers["location"] == "/compte/mot-de-passe"
        kept = await visitor.post("/compte/mot-de-passe", password=made, new=made)
        assert kept.status_code == 422
        done = await visitor.post("/compte/mot-de-passe", password=made, new=NEW)
        assert done.headers["location"] == "/?dit=password_changed"
        assert (await visitor.get("/jeunes")).status_code == 200


async def test_a_password_made_by_somebody_else_ends_after_a_week(house: House) -> None:
    made = passwords.new_password()
    async with house.database.write() as tx:
        until = house.real + staff.TEMPORARY
        await staff.set_password(
            tx, house.real, house.cast.nadia.id, passwords.hash_password(made), until=until
        )
    house.real += staff.TEMPORARY
    async with await house.visitor() as visitor:
        late = await visitor.post("/connexion", login="nadia", password=made)
    assert late.status_code == 422
    assert "Identifiant ou mot de passe incorrect" in words(late)


async def test_coordination_lets_a_colleague_in_again_once_it_has_checked_who_asks(
    house: House,
) -> None:
    await with_phone(house, "karim")
    path = f"/equipe/{house.cast.karim.id}/connexion"
    async with await house.visitor("claire") as claire, await house.visitor("karim") as karim:
        assert path in (await claire.get("/equipe")).text
        await claire.get(path)
        hasty = await claire.post(path, step="second_factor")
        assert hasty.status_code == 422
        assert "Vérifiez d'abord" in words(hasty)
        assert (await karim.get("/")).status_code == 200
        done = await claire.post(path, step="second_factor", checked="yes")
        assert done.headers["location"] == "/equipe?dit=second_factor_forgotten"
        assert (await karim.get("/")).headers["location"] == "/connexion"
        given = await claire.post(path, step="password", checked="yes")
        made = re.findall(r'big secret">([a-z2-9-]+)<', given.text)
        inside = await karim.post("/connexion", login="karim", password=made[0])
        assert inside.headers["location"] == "/"
        assert (await karim.get("/")).headers["location"] == "/compte/mot-de-passe"


async def test_coordination_lets_in_nobody_but_a_colleague_whose_account_is_open(
    house: House,
) -> None:
    async with house.database.write() as tx:
        elsewhere = await structure.add(tx, house.at, "Ailleurs", "cjc")
        away = await staff.add(
            tx,
            house.at,
            structure_id=elsewhere,
            login="away",
            name="Ana",
            role="educator",
            password="x",
        )
        await staff.disable(tx, house.at, house.cast.karim.id)
    me = house.cast.claire.id
    async with await house.visitor("claire") as claire:
        await claire.get("/equipe")
        for forged in (away.id, house.cast.karim.id, me, 0, 1, 2**63 - 1, 2**63, 10**18):
            path = f"/equipe/{forged}/connexion"
            assert (await claire.get(path)).status_code == 404, forged
            posted = await claire.post(path, step="password", checked="yes")
            assert posted.status_code == 404, forged


async def test_a_new_password_does_not_open_an_account_whose_phone_is_not_there(
    house: House,
) -> None:
    await with_phone(house, "karim")
    path = f"/equipe/{house.cast.karim.id}/connexion"
    async with await house.visitor("claire") as claire, await house.visitor() as thief:
        await claire.get(path)
        given = await claire.post(path, step="password", checked="yes")
        made = re.findall(r'big secret">([a-z2-9-]+)<', given.text)[0]
        asked = await thief.post("/connexion", login="karim", password=made)
        assert "Code à six chiffres" in words(asked)
        assert (await thief.get("/")).headers["location"] == "/connexion"
