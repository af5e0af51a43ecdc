"""What is heard in words, and what is not: invented sentences, spellings, and hostile texts."""

import io
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.__main__ import main
from content.about import About
from content.distress import categories, heard, words
from content.library import PACKAGED
from content.phrases import BadPhrase, Phrases
from content.render import help_card
from content.source import read
from records.structure import CATEGORIES

SAID: dict[str, list[str]] = read(Path(__file__).with_name("said.yaml"), "said.yaml").data
ORDINARY = SAID["nothing"]
GRAVE = [(category, text) for category in CATEGORIES for text in SAID[category]]
AT_MOST = 64 * 1024  # characters: sixteen times what Telegram lets a person send


@pytest.mark.parametrize(("category", "text"), GRAVE)
def test_what_is_grave_is_heard(category: str, text: str) -> None:
    assert heard(text)[0] == category


@pytest.mark.parametrize("text", ORDINARY)
def test_what_is_ordinary_passes(text: str) -> None:
    assert heard(text) == ()


@pytest.mark.parametrize(("name", "recall", "precision"), [("said", 1, 1), ("unseen", 0.85, 0.96)])
def test_what_is_heard_of_each_kind_is_measured(
    name: str, recall: float, precision: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any card for a grave sentence counts; the sentences of `unseen.yaml` were written after the
    rules, and no rule was ever made for one of them."""
    told: dict[str, list[str]] = read(Path(__file__).with_name(f"{name}.yaml"), name).data
    found = {kind: sum(bool(heard(text)) for text in texts) for kind, texts in told.items()}
    false = found.pop("nothing")
    many = sum(len(told[kind]) for kind in found)
    hits = sum(found.values())
    with capsys.disabled():
        each = ", ".join(f"{kind} {hit}/{len(told[kind])}" for kind, hit in found.items())
        print(f"\n{name}: recall {hits / many:.2f}, precision {hits / (hits + false):.2f}; {each}")
    assert hits / many >= recall
    assert hits / (hits + false) >= precision


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("j'ai pris 40 dolipranes", "overdose"),
        ("il bouge plus aidez moi", "overdose"),
        ("je suis sur le pont là, je vais sauter", "suicide"),
        ("j'ai plus la force de continuer", "suicide"),
        ("jvais me foutre en lair", "suicide"),
        ("je me brûle avec des cigarettes", "self_harm"),
        ("jpense a mfaire du mal", "self_harm"),
        ("mon éduc me touche", "sexual_violence"),
        ("mon oncle i ma toucher", "sexual_violence"),
        ("mon beau-père vient dans ma chambre la nuit", "sexual_violence"),
        ("je fais des passes pour lui", "sexual_violence"),
        ("il me fait travailler à l'hôtel avec des clients", "sexual_violence"),
        ("il a filmé et il fait tourner la vidéo", "sexual_violence"),
        ("j'ai perdu la came, ils vont me tuer", "threats"),
        ("si je rembourse pas ils s'en prennent à ma famille", "debts"),
        ("ils m'obligent à garder un calibre chez moi", "forced_work"),
        ("je vais prendre un couteau et venir au lycée", "harm_to_others"),
        ("je dors dans la cage d'escalier depuis 3 jours", "street"),
        ("ma soeur se fait frapper par son mari", "violence"),
        ("mon daron ma encore tapé", "violence"),
        ("on ma tabasser", "violence"),
    ],
)
def test_plain_sentences_are_heard_however_they_are_spelt(text: str, category: str) -> None:
    assert category in heard(text)


def test_the_golden_list_is_long_enough_in_each_category() -> None:
    assert len(GRAVE) >= 150
    assert len(ORDINARY) >= 150
    assert min(len(SAID[category]) for category in CATEGORIES) >= 15
    assert len({text for _, text in GRAVE} | set(ORDINARY)) == len(GRAVE) + len(ORDINARY)


def test_every_category_is_listened_for_and_has_its_numbers() -> None:
    assert set(categories()) == set(CATEGORIES)
    numbers = read(PACKAGED / "help.yaml", "help.yaml").data
    known = {one["number"] for one in numbers["numbers"]}
    assert numbers["distress"].keys() == set(CATEGORIES)
    assert {number for chosen in numbers["distress"].values() for number in chosen} <= known
    assert numbers["distress"]["suicide"][0] == "3114"
    assert {"119", "3919", "17"} <= set(numbers["distress"]["sexual_violence"])
    assert numbers["distress"]["street"][0] == "115"
    assert numbers["distress"]["overdose"][0] == "15"


def test_a_card_is_short_and_calm_and_shows_when_each_number_answers() -> None:
    for category in CATEGORIES:
        card = help_card(About(educator="Nadia"), [category]).text
        assert len(card) < 700
        assert card.count("\u00a0h") >= 3, category
        assert "!" not in card
        assert card.startswith("Ce que tu écris compte.")


def louder(text: str) -> str:
    """Every vowel drawn out."""
    return "".join(letter * 4 if letter in "aeiouy" else letter for letter in text)


@pytest.mark.parametrize(
    "spelt",
    [str.upper, str.title, louder, lambda t: f"  {t}!!! 😭😭", lambda t: t.replace("e", "e\u0301")],
    ids=["upper", "title", "drawn out", "with signs", "with marks"],
)
@pytest.mark.parametrize("category", CATEGORIES)
def test_how_it_is_written_does_not_matter(category: str, spelt: Callable[[str], str]) -> None:
    for text in SAID[category][:6]:
        assert heard(spelt(text))[:1] == (category,), spelt(text)


@given(st.sampled_from(GRAVE), st.sampled_from(("Coucou. ", "Bon ben voilà, ", "mdr ok ")))
def test_what_stands_around_it_does_not_hide_it(grave: tuple[str, str], before: str) -> None:
    category, text = grave
    found = heard(f"{before}{text}\nTu peux rien dire stp")
    assert category in found


@given(st.text(max_size=300))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert set(heard(text)) <= set(CATEGORIES)


HOSTILE = {
    "one letter": "a" * AT_MOST,
    "a phrase begun again and again": "j'ai pris trop de " * (AT_MOST // 18),
    "gaps in gaps": "je veux " * (AT_MOST // 8),
    "what is ordinary": "mort de " * (AT_MOST // 8),
    "no word twice": " ".join(f"mot{n}" for n in range(AT_MOST // 9)),
    "a pile of marks": "e" + "\u0301\u0316" * (AT_MOST // 2),
    "letters of another alphabet": "ж" * AT_MOST,
    "one sign": "*" * AT_MOST,
    "ligatures": "\ufdfa" * (AT_MOST // 18),
}


def test_no_text_takes_long_and_ordinary_words_take_microseconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heard("Une fois, pour que les phrases soient lues.")
    slowest = max((timed(partial(heard, text)), name) for name, text in HOSTILE.items())
    each = timed(lambda: [heard(text) for text in ORDINARY]) / len(ORDINARY)
    with capsys.disabled():
        print(f"\ndetection: {each * 1e6:.0f} µs a text; 64 KB, at worst {slowest[0] * 1e3:.0f} ms")
    assert slowest[0] < 1.5, slowest
    assert each < 0.002


def timed(work: Callable[[], object]) -> float:
    """Seconds of this process's own, the best of three: the machine may be busy with others."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def test_time_grows_with_the_text_and_not_faster() -> None:
    short, long_ = ("j'ai pris trop de " * 400, "j'ai pris trop de " * 3200)
    heard(long_)
    assert timed(lambda: heard(long_)) < 8 * 4 * timed(lambda: heard(short))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("a b", "x a b", True),
        ("a (b) c", "a c", True),
        ("a (b) c", "a b c", True),
        ("a [b|c d] e", "a c d e", True),
        ("a [b|c d] e", "a c e", False),
        ("a … z", "a 1 2 3 z", True),
        ("a … z", "a 1 2 3 4 z", False),
        ("mot* fin", "motus fin", True),
        ("mot* fin", "mo fin", False),
        ("{few} b", "two b", True),
    ],
)
def test_a_phrase_reads_as_its_author_wrote_it(phrase: str, text: str, found: bool) -> None:
    phrases = Phrases(str.split, {"few": ["one", "two"]})
    phrases.add(phrase, 0)
    assert (phrases.find(phrases.symbols(text.split())) == {0}) == found


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("a (b", "il manque"),
        ("a ] b", "une parenthèse"),
        ("(a) [b|]", "peut être vide"),
        ("a (b)", "sa fin est facultative"),
        ("a …", "sa fin est facultative"),
        ("{nobody} a", "n'existe pas"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(phrase: str, reason: str) -> None:
    with pytest.raises(BadPhrase, match=reason):
        Phrases(str.split, {}).add(phrase, 0)


def test_every_group_is_found_and_what_is_taken_away_is_not_heard() -> None:
    phrases = Phrases(str.split, {})
    phrases.add("b c", 1)
    phrases.add("c d", 0)
    symbols = phrases.symbols("a b c d".split())
    assert phrases.find(symbols) == {0, 1}
    symbols[3] = None
    assert phrases.find(symbols) == {1}
    assert phrases.longest(phrases.symbols(["b", "c"]), 0) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Jveux crevéééé", ["je", "veux", "crever"]),
        ("J'ai", ["je", "ai"]),
        ("0verd0s3", ["overdose"]),
        ("pk pas", ["pourquoi", "pas"]),
        ("vraiment", []),
        ("il ma toucher", ["ils", "me", "a", "toucher"]),
        ("ma mère", ["ma", "mere"]),
        ("jm mfaire", ["je", "me", "me", "faire"]),
    ],
)
def test_a_text_becomes_plain_words(text: str, said: list[str]) -> None:
    assert words(text) == said


def test_a_line_in_is_a_line_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("jveux mourir je dors dehors\nmdr je suis mort\n"))
    assert main(["listen"]) == 0
    assert capsys.readouterr().out == "suicide street\n-\n"
