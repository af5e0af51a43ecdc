"""`relais audit`: who read what about whom, and whether that log is whole.

`verify` ends with status 1 when something does not fit. `head` prints the newest seal: written on
paper or kept on another machine, it is what shows that the end of the log was cut off.
"""

import re
from datetime import datetime
from typing import Any

from records import audit, chain, erased, sealing, staff, structure, verifying, youth
from records.audit import Line
from records.database import Tx
from records.staff import Staff
from records.structure import Structure
from records.verifying import Verdict
from relais.command import Call, Said, UsageError, noun, table, verb
from relais.commands import seals_in_words
from relais.commands.planned import local
from relais.commands.typed import day, youth_named

AT_MOST = 200
ACTIONS = {
    audit.READ: "a lu des réponses",
    audit.WORDS_READ: "a lu des messages",
    audit.ALERT_SEEN: "a vu une alerte",
    audit.ALERT_TAKEN: "s'occupe d'une alerte",
    audit.REFUSED: "n'a pas eu le droit de voir",
    audit.EXPORTED: "a exporté des données",
    audit.SIGNED_IN: "a ouvert une session",
    "signed_in_with_code": "a ouvert une session, avec un code",
    "signed_in_with_recovery": "a ouvert une session, avec un code de secours",
    "sign_in_refused": "a manqué un mot de passe",
    "code_refused": "a manqué un code",
    "proof_refused": "n'a pas su prouver de nouveau son identité",
    "signed_out": "a fermé sa session",
    "session_revoked": "a fermé une session ouverte ailleurs",
    "proved_again": "a prouvé de nouveau son identité",
    "password_changed": "a changé de mot de passe",
    "password_reset": "a reçu un nouveau mot de passe",
    "account_reopened": "a retrouvé son compte, rouvert",
    "second_factor_set": "a mis en place la double vérification",
    "second_factor_removed": "a retiré la double vérification",
    "second_factor_reset": "a perdu la double vérification, remise à zéro",
    "recovery_codes_made": "a fait de nouveaux codes de secours",
    "readmitted_colleague": "a rouvert l'accès d'un ou une collègue",
}
_HEAD = re.compile(r"0|\d{1,18}(-[A-Z2-7]{4}){4}")


def add_to(nouns: Any) -> None:
    verbs = noun(nouns, "audit", "le journal des accès : qui a lu quoi, et s'il est entier")
    one = verb(verbs, "list", "qui a lu quoi, et quand, du plus récent au plus ancien", list_)
    one.add_argument("--youth", metavar="CODE", help="ce jeune seulement")
    one.add_argument("--structure", metavar="NOM", help="la structure de ce jeune, si besoin")
    one.add_argument("--staff", metavar="IDENTIFIANT", help="cette personne seulement")
    one.add_argument("--since", metavar="JOUR", help="depuis ce jour, par exemple lundi")
    one.add_argument(
        "--limit", type=int, default=AT_MOST, metavar="N", help=f"N lignes au plus ({AT_MOST})"
    )
    one = verb(verbs, "verify", "vérifier que rien n'a été changé, ajouté ou retiré", verify)
    one.add_argument("--head", metavar="SCEAU", help="un sceau noté auparavant (relais audit head)")
    verb(verbs, "head", "le dernier sceau, à noter hors de la machine", head)


async def list_(call: Call) -> Said:
    typed = call.typed
    if typed.limit < 1:
        raise UsageError("Il faut au moins une ligne : --limit 1.")
    async with call.database.read() as tx:
        who = await youth_named(tx, typed.youth, typed.structure) if typed.youth else None
        by = await staff.by_login(tx, typed.staff) if typed.staff else None
        lines = await audit.listed(
            tx,
            youth_id=who.id if who else None,
            staff_id=by.id if by else None,
            since=await _since(tx, call, by) if typed.since else None,
            limit=typed.limit,
        )
        facts = await _facts(tx, lines)
    rows = [
        (
            f"{f['at']:%d/%m/%Y %H:%M}",
            _who(f),
            ACTIONS.get(f["action"], f["action"]),
            f["youth"] or _unnamed(f),
            len(f["about"]) or None,
        )
        for f in facts
    ]
    return Said(facts, table(("quand", "qui", "quoi", "jeune", "combien"), rows))


def _who(fact: dict[str, Any]) -> str | None:
    """Nobody's line is the administrator's, but for tries at an account that nobody has."""
    if fact["staff"]:
        return f"{fact['name']} ({fact['staff']})"
    return None if fact["action"].endswith("_refused") else "la personne qui administre Relais"


def _unnamed(fact: dict[str, Any]) -> str | None:
    if not fact["about_a_youth"]:
        return None
    return "(effacé)" if fact["erased"] else "inconnu"


async def _since(tx: Tx, call: Call, by: Staff | None) -> datetime:
    """Midnight of that day, where this person (or the first structure) is."""
    known = await structure.all_structures(tx)
    places = [of for of in known if by is None or of.id == by.structure_id]
    zone = places[0].tz if places else call.now.tzinfo
    of_day = day(call.typed.since, call.now.astimezone(zone).date(), past=True)
    return datetime(of_day.year, of_day.month, of_day.day, tzinfo=zone)


async def _facts(tx: Tx, lines: list[Line]) -> list[dict[str, Any]]:
    people = {one.id: one for one in await staff.listed(tx)}
    places = {of.id: of for of in await structure.all_structures(tx)}
    named = {audit.named(tx, who): code for who, code in (await youth.every_code(tx)).items()}
    gone = {
        audit.named(tx, one.what["youth"]) for one in await erased.listed(tx) if one.kind == "youth"
    }
    return [
        _line(one, people.get(one.staff_id or 0), places, named)
        | {"erased": one.youth_index is not None and bytes(one.youth_index) in gone}
        for one in lines
    ]


def _line(
    one: Line, by: Staff | None, places: dict[int, Structure], named: dict[bytes, str]
) -> dict[str, Any]:
    """One line; the time is that of the reader's own structure."""
    of = places[by.structure_id] if by else next(iter(places.values()), None)
    return {
        "at": local(one.at, of) if of else one.at,
        "staff": by and by.login,
        "name": by and by.name,
        "action": one.action,
        "youth": one.youth_index and named.get(bytes(one.youth_index)),
        "about_a_youth": one.youth_index is not None,
        "about": [str(row) for row in one.about],
    }


async def verify(call: Call) -> Said:
    noted = "".join((call.typed.head or "").upper().split())
    if noted and not _HEAD.fullmatch(noted):
        raise UsageError(
            f"« {call.typed.head} » n'est pas un sceau. Recopiez ce qu'a dit relais audit head, "
            "par exemple 1234-K7QX-4M2A-ZZPL-Q6RT."
        )
    async with call.database.snapshot() as tx:
        found = await verifying.verify(tx, noted)
    return Said(_verdict(found), seals_in_words.verdict(found), found.right)


def _verdict(found: Verdict) -> dict[str, Any]:
    return {
        "right": found.right,
        "findings": [
            {
                "what": one.what,
                "seal": one.number,
                "count": one.count,
                "day": one.day,
                "since": one.since,
                "until": one.until,
                "sentence": seals_in_words.finding(one),
            }
            for one in found.findings
        ],
        "days": [
            {"day": one.day, "seals": one.seals, "lines": one.lines, "dropped": one.dropped}
            for one in found.days
        ],
        "waiting": found.waiting,
        "head": chain.code(found.head),
    }


async def head(call: Call) -> Said:
    async with call.database.read() as tx:
        last = await sealing.last(tx)
        waiting = len(await sealing.waiting(tx))
    facts = {"head": chain.code(last), "day": last and last.day, "waiting": waiting}
    said = [seals_in_words.head(last)]
    if last is not None:
        said.append(
            "Notez-le hors de cette machine. Plus tard, relais audit verify --head dira si le "
            "journal jusque-là est toujours le même."
        )
    return Said(facts, "\n".join([*said, seals_in_words.waiting(waiting)]))
