"""Sentences, dates and discretion: what needs no web."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from admin import catalogue, outcomes, sentences
from admin.discretion import findings
from admin.french import parse_day, parse_moment, parse_time
from admin.wording import counted, speaking
from records import reasons

ROOT = Path(sentences.__file__).parent.parent
MONDAY = date(2026, 11, 23)
NBSP = "\u00a0"


def test_every_code_that_the_records_raise_has_its_sentence() -> None:
    raised = re.compile(r'(?:Refused|NotFound|Unusable)\(\s*"([a-z_]+)"')
    codes = {
        code
        for file in (ROOT / "records").rglob("*.py")
        for code in raised.findall(file.read_text("utf-8"))
    }
    assert len(codes) > 40
    assert codes <= set(sentences.ERRORS)


def test_the_guide_has_a_line_for_every_reason_with_its_states() -> None:
    lines = (ROOT / "docs" / "reasons.md").read_text("utf-8").splitlines()
    rows = [line.split("|")[1:3] for line in lines if line.startswith("| `")]
    told = {
        (code, state)
        for codes, states in rows
        for code in re.findall(r"`([a-z_]+)`", codes)
        for state in states.strip().split(", ")
    }
    assert told == {(code, state) for state, codes in reasons.BY_STATE.items() for code in codes}


def test_every_reason_has_its_sentence_and_the_next_thing_to_do() -> None:
    assert set(outcomes.REASONS) == {c for codes in reasons.BY_STATE.values() for c in codes}
    for why, then in outcomes.REASONS.values():
        assert re.fullmatch(r"([a-z]|Telegram).+\.", why), why  # it goes on with a sentence
        assert re.fullmatch(r"[A-Z].+\.", then), then


@pytest.mark.parametrize(
    ("state", "reason"),
    [(state, reason) for state, codes in reasons.BY_STATE.items() for reason in codes],
)
def test_every_outcome_is_said_with_its_next_step(state: str, reason: str) -> None:
    said = outcomes.status(state, reason)
    step = outcomes.next_step(reason)
    assert step
    assert said.endswith(f"{NBSP}: {outcomes.reason_words(reason)}")
    assert said.endswith(step)


@pytest.mark.parametrize("state", ["waiting", "claimed", "sent", "uncertain", "refused", "dropped"])
@pytest.mark.parametrize("reason", [None, "blocked", "jamais vu"])
def test_every_status_is_a_sentence(state: str, reason: str | None) -> None:
    said = outcomes.status(state, reason)
    assert said.endswith(".")
    assert "%(" not in said


def test_words_that_may_have_arrived_are_never_said_not_sent() -> None:
    left = outcomes.status("dropped", "left_uncertain")
    assert left.startswith(f"Peut-être remis{NBSP}: vous avez choisi de ne pas le renvoyer.")


def test_a_status_says_what_to_do_next() -> None:
    assert outcomes.status("refused", "blocked") == (
        f"Pas remis{NBSP}: ce jeune a bloqué le bot. Parlez-en au prochain rendez-vous{NBSP}: "
        "les envois reprennent dès qu'il le débloque."
    )


def test_a_code_without_its_facts_or_unknown_still_makes_a_sentence() -> None:
    assert "…" in sentences.sentence("text_length")
    assert "(tout_neuf)" in sentences.sentence("tout_neuf")
    assert sentences.sentence("youth_closed", code="ABC23")


def test_a_sentence_in_the_address_is_never_invented_text() -> None:
    assert sentences.outcome("<b>vous devez payer</b>") == ""


def test_french_sentences_have_their_non_breaking_spaces() -> None:
    wrong = [
        sentence
        for sentence in _all_sentences()
        if re.search(r"[\w»)] [:;!?]|« | »|\d h \d", sentence)
    ]
    assert wrong == []


def test_the_template_of_sentences_is_up_to_date() -> None:
    assert catalogue.check() == 0


def test_zero_is_singular_in_french() -> None:
    assert counted("%(num)s jeune", "%(num)s jeunes", 0) == "0 jeune"
    with speaking("fr"):
        assert counted("%(num)s jeune", "%(num)s jeunes", 2) == "2 jeunes"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("demain", (11, 24)),
        ("Mardi", (11, 24)),
        ("lundi", (11, 30)),
        ("24/11", (11, 24)),
        ("24/11/2026", (11, 24)),
        ("24.11.26", (11, 24)),
        ("2026-11-24", (11, 24)),
        ("mardi 24 novembre", (11, 24)),
        ("1er décembre", (12, 1)),
        ("aujourd’hui", (11, 23)),
        (f"mardi{NBSP}24{NBSP}novembre", (11, 24)),
        ("APRÈS-DEMAIN", (11, 25)),
    ],
)
def test_a_day_is_read_as_people_type_it(typed: str, meant: tuple[int, int]) -> None:
    assert parse_day(typed, MONDAY) == date(2026, *meant)


def test_a_day_gone_by_means_next_year_or_the_last_one_when_the_past_is_asked() -> None:
    assert parse_day("12/11", MONDAY) == date(2027, 11, 12)
    assert parse_day("12/11", MONDAY, past=True) == date(2026, 11, 12)
    assert parse_day("vendredi", MONDAY, past=True) == date(2026, 11, 20)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bientôt",
        "31/02",
        "lundi 24 novembre",
        "32/01/2027",
        "0/0",
        "99999-01-01",
        "24/11/2026/1",
    ],
)
def test_what_means_no_day_is_not_guessed(typed: str) -> None:
    assert parse_day(typed, MONDAY) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14 h 30", "14:30"),
        ("14h30", "14:30"),
        ("14:30", "14:30"),
        ("14h", "14:00"),
        ("14", "14:00"),
        (f"14{NBSP}h{NBSP}30", "14:30"),
        ("9 heures", "09:00"),
        ("8 H 05", "08:05"),
        ("25 h", None),
        ("14:60", None),
        ("midi", None),
        ("", None),
        ("14 30", None),
    ],
)
def test_an_hour_is_read_as_people_type_it(typed: str, meant: str | None) -> None:
    read = parse_time(typed)
    assert (f"{read:%H:%M}" if read else None) == meant


@pytest.mark.parametrize(
    "typed", ["jeudi 26 novembre à 15 h", "26/11 15:00", "jeudi, 15h", "26/11/2026 à 15 h 00"]
)
def test_a_line_with_a_day_and_an_hour_is_one_moment(typed: str) -> None:
    assert parse_moment(typed, MONDAY) == datetime(2026, 11, 26, 15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pense à ton rendez-vous au CSAPA", ["CSAPA"]),
        ("Le JUGE et l'avocate t'attendent", ["JUGE", "avocate"]),
        ("Apporte ton ordonnance, et ton traitement", ["ordonnance", "traitement"]),
        ("On parle de ta garde à vue ?", ["garde à vue"]),
        ("Rendez-vous aux Passerelles", ["Passerelles"]),
        ("Héroïne, héroïne", ["Héroïne"]),
        ("Prends soin de toi, à mardi 14 h 30 au local", []),
        ("Le plan est ci-joint", []),
        ("Un dealeur", ["dealeur"]),
        ("Psychologie", ["Psychologie"]),
        ("Demande Mme Durand à l'accueil", ["Mme Durand"]),
        ("M. de La Tour et madame d'Estaing", ["M. de La Tour", "madame d'Estaing"]),
        ("Léa DURAND t'attend demain", []),
        ("Bonjour Madame, RDV demain", []),
        ("", []),
    ],
)
def test_words_that_betray_are_found_as_they_were_typed(text: str, words: list[str]) -> None:
    assert [one.word for one in findings(text, "Les Passerelles")] == words


def test_each_finding_comes_with_a_suggestion() -> None:
    found = findings("drogue, juge, santé, Passerelles, Mme Durand", "Les Passerelles")
    abouts = ["drugs", "justice", "health", "structure", "surname"]
    assert [one.about for one in found] == abouts
    assert all("Écrivez plutôt" in one.suggestion for one in found)


def _all_sentences() -> list[str]:
    found: list[str] = []
    for entry in catalogue.extracted():
        found += [entry.id] if isinstance(entry.id, str) else entry.id
    return [sentence for sentence in found if sentence]
