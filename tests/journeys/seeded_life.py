"""A life with something unmistakable in every place where words can be written.

It is lived over the real bot and the real desk; what comes back is every secret and every sentence
of it, by name, for whoever searches the disk.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyotp

from dialogs.script import Words
from records import mail_server, mailbox, reception, second_factor, staff, youth
from records.consent_text import PURPOSES
from tests.admin.house import House, one
from tests.cast import PASSWORD, TOKEN, hashed
from tests.conftest import KEY
from tests.journeys.test_check_in_and_survey import offered
from tests.journeys.thumb import begin, said, say, script, tap, walk
from tests.town import Town

WAVE = "2026-T4"


@dataclass
class Life:
    """`said` holds the secrets and sentences by name; `mark` is in each sentence, this time only."""

    mark: str = field(default_factory=lambda: f"q{secrets.token_hex(4)}")
    said: dict[str, str] = field(default_factory=dict)

    def says(self, name: str, words: str) -> str:
        """A sentence with accents, a quotation mark and a sign that JSON and HTML would escape."""
        self.said[name] = f"{words} « {self.mark} » où l'été"
        return self.said[name]


async def lived(town: Town) -> Life:
    life = Life()
    life.said |= {"the key": KEY, "the bot's token": TOKEN, "a password": PASSWORD}
    who = await _taken_in(town, life)
    await _on_the_phone(town, life, who)
    await _at_the_desk(town, life, who)
    await _in_distress(town, life, who)
    await _of_the_team(town, life)
    return life


async def _in_distress(town: Town, life: Life, who: youth.Youth) -> None:
    """One alert, and one question that still waits. What was heard is kept in this very order,
    which no setting in clear has."""
    life.said["what was heard"] = "suicide street"
    life.said["what a card is about"] = '"suicide","street"'
    words = life.says("distress of two kinds", "J'ai envie de mourir, je dors dehors ce soir")
    await say(town, town.telegram.person(who.nickname), words)
    phone = await town.linked(town.cast.ines)
    await say(town, phone, words)
    await tap(town, phone, said("distress.yes"))


async def _of_the_team(town: Town, life: Life) -> None:
    """What opens the desk, and what the mail needs."""
    secret = second_factor.new_secret()
    life.said["a phone's secret"] = secret
    life.said["an e-mail's address"] = f"ottoline.{life.mark}@structure.test"
    life.said["the mail server's password"] = f"phrase-{life.mark}"
    life.said["the mail server's user"] = f"compte-{life.mark}"
    async with town.database.write() as tx:
        now, nora = town.now(), (await staff.by_login(tx, "nora")).id
        codes = await second_factor.enrol(tx, now, nora, secret, pyotp.TOTP(secret).at(now))
        assert codes is not None
        for number, one_code in enumerate(codes):
            life.said[f"recovery code {number}"] = one_code
            life.said[f"recovery code {number}, as typed"] = one_code.replace("-", "")
        proof = await mailbox.give(tx, now, nora, life.said["an e-mail's address"])
        assert proof is not None
        life.said["the link that proves an address"] = proof
        user, password = (life.said[f"the mail server's {one}"] for one in ("user", "password"))
        at = (town.cast.structure_id, "smtp.structure.test", 587, "starttls")
        sender = "relais@structure.test"
        await mail_server.keep(tx, now, mail_server.MailServer(*at, user, password, sender))


async def _taken_in(town: Town, life: Life) -> youth.Youth:
    life.said["a professional's name"] = f"Ottoline{life.mark}"
    life.said["a nickname"] = f"Zéphyrin{life.mark}"
    async with town.database.write() as tx:
        nora = await staff.add(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            login="nora",
            name=life.said["a professional's name"],
            role="educator",
            password=hashed(),
        )
        return await youth.add(
            tx,
            town.now(),
            structure_id=town.cast.structure_id,
            educator_id=nora.id,
            nickname=life.said["a nickname"],
            birth_month="2007-05",
        )


async def _on_the_phone(town: Town, life: Life, who: youth.Youth) -> None:
    phone = await town.enrol(who)
    life.said["a chat"] = str(phone.id)
    life.said["a link"] = await town.invite(town.cast.maya)
    await town.agree(who, "exercises", "checkins", "surveys", "sharing")
    await say(
        town,
        phone,
        life.says("words to the educator", "Je ne veux plus rentrer chez moi"),
        life.says("distress", "J'ai envie de mourir"),
    )
    exercise = script("exercise", Words)
    await begin(town, phone, exercise)
    await walk(town, phone, who, words=life.says("an answer shared", "Le soir je tourne en rond"))
    await tap(town, phone, said("share.yes", educator=life.said["a professional's name"]))
    await begin(town, phone, exercise)
    await walk(town, phone, who, until=Words)
    await say(town, phone, life.says("words in an exercise left open", "J'ai gardé ça pour moi"))
    await _survey(town, life, who)
    stranger = town.telegram.person("Inconnue")
    stranger.start(town.bot)
    await say(town, stranger, life.says("a stranger's words", "Qui êtes-vous donc"))
    async with town.database.write() as tx:
        odd = life.says("an update that no rule could handle", "payload")
        await reception.keep_aside(tx, town.now(), town.cast.bot_id, 9, "odd", odd)


async def _survey(town: Town, life: Life, who: youth.Youth) -> None:
    phone = town.telegram.person(who.nickname)
    await offered(town, "survey", who, WAVE)
    await town.pass_time(hours=1)
    await tap(town, phone, said("offer.begin"))
    await walk(town, phone, who, words=life.says("a survey's comment", "On m'a bien écouté"))


async def _at_the_desk(town: Town, life: Life, who: youth.Youth) -> None:
    house = House(town.database, town.cast)
    house.at = house.real = town.now()
    async with house.open(), await house.visitor() as nora:
        await nora.get("/connexion")
        await nora.post("/connexion", login="nora", password=PASSWORD)
        life.said["a session"] = nora.http.cookies["relais"]
        for path, fields in _forms(life):
            saved = await nora.fill(one(who, path), **fields)
            assert saved.status_code == 303, path
        await nora.get(one(who))
        answer = life.says("an educator's answer", "Je suis là pour toi")
        assert (await nora.post(one(who, "/repondre"), text=answer)).status_code == 303
    async with house.open(), await house.visitor("nadia") as nadia:
        await nadia.get(one(town.cast.leo))
        means = life.says("a parent's agreement", "Signé au local")
        agreed = await nadia.post(
            one(town.cast.leo, "/accord"), day="12/11", means=means, purpose=PURPOSES
        )
        assert agreed.status_code == 303
    await town.quiet()


def _forms(life: Life) -> Iterator[tuple[str, dict[str, object]]]:
    when = {"day": "mercredi", "time": "14 h 30"}
    place = life.says("a place", "Derrière le gymnase")
    yield (
        "/rendez-vous/nouveau",
        {**when, "minutes": "45", "place": place, "ladder": ["1d"], "slots": ""},
    )
    planned = life.says("an educator's planned words", "Pense à ton sac bleu")
    yield "/message", {**when, "when": "later", "text": planned}
