"""What verifying the access log found, in French: which day, which stretch, what to think of it.

Days and hours are UTC, as the chains are: one log serves structures of several zones.
"""

from datetime import date, datetime

from admin.french import clock_time, day
from admin.wording import counted
from records import chain
from records.chain import Seal
from records.verifying import Day, Finding, Verdict

_WHAT_TO_DO = (
    "Gardez une copie de la base et des journaux du système avant toute autre chose, "
    "et prévenez la personne responsable des données."
)


def verdict(found: Verdict) -> str:
    """The whole verdict: what does not fit first, then what was checked."""
    lines = [f"✗ {finding(one)}" for one in found.findings]
    if lines:
        lines += [_WHAT_TO_DO, ""]
    kept = [one for one in found.days if not one.dropped]
    gone = [one for one in found.days if one.dropped]
    if kept:
        lines.append(f"{_checked(kept)}.{_whole(found)}")
    if gone:
        lines.append(f"{_span(gone)} : lignes effacées à terme, sceau gardé.")
    return "\n".join([*lines, waiting(found.waiting), head(found.head)])


def head(last: Seal | None) -> str:
    if last is None:
        return "Rien n'est encore scellé."
    return f"Dernier sceau : {chain.code(last)}, {at(last.at)}."


def waiting(count: int) -> str:
    if not count:
        return "Rien n'attend d'être scellé."
    return counted(
        "%(num)s ligne attend d'être scellée.", "%(num)s lignes attendent d'être scellées.", count
    )


def finding(one: Finding) -> str:
    """One sentence, with its day and its stretch where they are known."""
    said = _SENTENCES[one.what]
    what = counted(*said, one.count, seal=one.number, last=one.number + one.count - 1)
    where = f" (sceau {one.number})" if one.what in _OF_A_SEAL and one.number else ""
    return f"{_stretch(one)}{what}{where}."


def at(instant: datetime) -> str:
    return f"{_day(instant.date())} à {clock_time(instant)} UTC"


def _stretch(one: Finding) -> str:
    if one.day is None or one.since is None or one.until is None:
        return ""
    first, last = clock_time(one.since), clock_time(one.until)
    if one.since.date() != one.until.date():
        return f"Entre {at(one.since)} et {at(one.until)} : "
    hours = f"à {first}" if first == last else f"entre {first} et {last}"
    return f"{_day(one.since.date()).capitalize()}, {hours} UTC : "


def _checked(days: list[Day]) -> str:
    lines = counted("%(num)s ligne", "%(num)s lignes", sum(one.lines for one in days))
    seals = counted("%(num)s sceau", "%(num)s sceaux", sum(one.seals for one in days))
    return f"{_span(days)} : {lines} sous {seals}"


def _whole(found: Verdict) -> str:
    return " Rien ne manque, rien n'a changé." if found.right else ""


def _span(days: list[Day]) -> str:
    if len(days) == 1:
        return _day(days[0].day).capitalize()
    return f"Du {_day(days[0].day)} au {_day(days[-1].day)}"


def _day(of: date) -> str:
    return f"{day(of)} {of.year}"


_OF_A_SEAL = ("lines_missing", "lines_added", "lines_altered", "lines_late")
_LATE = "et n'a été écrite qu'après coup, ou l'horloge de la machine a reculé"
_LATE_ONES = _LATE.replace("a été écrite", "ont été écrites")
_CUT = (
    "le sceau %(seal)s, que vous aviez noté, n'est plus là : la fin du journal a été coupée, "
    "ou la base vient d'une sauvegarde plus ancienne"
)
_REWRITTEN = (
    "le sceau %(seal)s n'est pas celui que vous aviez noté : le journal a été réécrit, "
    "ou le sceau mal recopié"
)
_SENTENCES = {  # for one, for several
    "lines_missing": ("%(num)s ligne a été retirée", "%(num)s lignes ont été retirées"),
    "lines_added": ("%(num)s ligne a été ajoutée", "%(num)s lignes ont été ajoutées"),
    "lines_altered": (
        "la ligne a été modifiée",
        "une au moins des %(num)s lignes a été modifiée, échangée ou remplacée",
    ),
    "lines_late": (
        f"%(num)s ligne porte cette date {_LATE}",
        f"%(num)s lignes portent cette date {_LATE_ONES}",
    ),
    "lines_unsealed": (
        "%(num)s ligne se réclame du sceau %(seal)s, qui n'existe pas",
        "%(num)s lignes se réclament du sceau %(seal)s, qui n'existe pas",
    ),
    "seal_altered": ("le sceau %(seal)s a été modifié",) * 2,
    "seals_missing": (
        "le sceau %(seal)s a été retiré",
        "les sceaux %(seal)s à %(last)s ont été retirés",
    ),
    "head_missing": (_CUT, _CUT),
    "head_differs": (_REWRITTEN, _REWRITTEN),
}
