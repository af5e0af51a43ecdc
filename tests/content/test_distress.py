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
from content.distress import categories, heard
from content.library import PACKAGED
from content.measure import LISTS, golden_lists, measured, told_in
from content.phrases import BadPhrase, Phrases
from content.render import help_card
from content.source import read
from content.spelling import words
from records.structure import CATEGORIES

SAID: dict[str, list[str]] = read(LISTS / "train.yaml", "train.yaml").data
ORDINARY = SAID["nothing"]
GRAVE = [(category, text) for category in CATEGORIES for text in SAID[category]]
HELP = read(PACKAGED / "help.yaml", "help.yaml").data
AT_MOST = 64 * 1024  # characters: sixteen times what Telegram lets a person send


@pytest.mark.parametrize(("category", "text"), GRAVE)
def test_what_is_grave_is_heard(category: str, text: str) -> None:
    assert category in heard(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_what_is_ordinary_passes(text: str) -> None:
    assert heard(text) == ()


@pytest.mark.parametrize(
    ("name", "recall", "each", "precision"),
    [
        ("train", 1, 1, 1),
        ("validation", 0.98, 0.9, 0.98),
        ("held_out", 0.92, 0.8, 0.97),
        ("another_voice", 0.85, 0.5, 0.95),
        ("fresh", 0.9, 0.6, 0.97),
        ("plain", 0.97, 0.8, 0.97),
    ],
)
def test_what_is_heard_of_each_kind_is_measured(
    name: str, recall: float, each: float, precision: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of `held_out` and `another_voice` only figures were looked at. Decision 14 tells what these
    figures are worth: the same hand wrote the sentences and the rules."""
    whole, *kinds = measured(told_in(LISTS / f"{name}.yaml"))
    with capsys.disabled():
        shares = ", ".join(f"{kind.name} {kind.right}/{kind.told}" for kind in kinds)
        print(f"\n{name}: recall {whole.recall:.2f}, precision {whole.precision:.2f}; {shares}")
    assert whole.recall >= recall
    assert whole.precision >= precision
    assert min(kind.recall for kind in kinds) >= each


def test_there_are_a_thousand_sentences_half_of_them_ordinary_and_none_stands_in_two_lists() -> (
    None
):
    lists = [told_in(path) for path in golden_lists()]
    every = [sentence for told in lists for sentence in told]
    assert len(every) == len(set(every)) >= 1000
    assert sum(not of for told in lists for of in told.values()) >= len(every) * 0.45


def test_the_measure_is_printed_by_category(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("street: [jdors dehors, je flotte]\nnothing: [jveux mourir, ça va]\n", "utf-8")
    assert main(["listen", "--measure", str(mine)]) == 0
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()[2:]}
    assert rows["ensemble"] == ["2", "1", "0,50", "1", "0,50"]
    assert rows["street"] == ["2", "1", "0,50", "0", "1,00"]
    assert rows["suicide"] == ["0", "0", "1,00", "1", "0,00"]


def test_a_list_that_names_no_category_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("suicde: [jveux mourir]\n", "utf-8")
    assert main(["listen", "--measure", str(mine)]) == 1
    assert "prenez pour catégories" in capsys.readouterr().out


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
    assert not {text for _, text in GRAVE} & set(ORDINARY)


def test_every_category_is_listened_for_and_has_its_numbers() -> None:
    assert set(categories()) == set(CATEGORIES)
    numbers = HELP
    known = {one["number"] for one in numbers["numbers"]}
    assert numbers["distress"].keys() == set(CATEGORIES)
    assert {number for chosen in numbers["distress"].values() for number in chosen} <= known
    assert numbers["distress"]["suicide"][0] == "3114"
    assert {"119", "3919", "17", "3018"} <= set(numbers["distress"]["sexual_violence"])
    for of_a_network in ("forced_work", "debts"):
        assert {"119", "17", "116\u00a0006"} <= set(numbers["distress"][of_a_network])
    assert {"15", "112"} <= set(numbers["distress"]["overdose"])
    assert numbers["distress"]["street"][0] == "115"
    assert numbers["distress"]["overdose"][0] == "15"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_card_is_short_and_calm_and_shows_when_each_number_answers(language: str) -> None:
    """A screen's 300 characters, but for who reads here and when, which is the structure's own."""
    begins = {"fr": "Ce que tu écris compte.", "en": "What you write matters."}[language]
    for category in CATEGORIES:
        card = help_card(About(language=language), [category]).text
        assert len(card) <= 300, category
        assert card.count("(") == card.count(")") == len(HELP["distress"][category])
        assert "!" not in card
        assert card.startswith(begins)


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
        assert category in heard(spelt(text)), spelt(text)


@given(st.sampled_from(GRAVE), st.sampled_from(("Coucou. ", "Bon ben voilà, ", "mdr ok ")))
def test_what_stands_around_it_does_not_hide_it(grave: tuple[str, str], before: str) -> None:
    category, text = grave
    found = heard(f"{before}{text}\nTu peux rien dire stp")
    assert category in found


ANY = st.characters(codec=None)  # lone surrogates, NUL, right-to-left and invisible signs too


@given(st.text(ANY, max_size=300))
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
    "lone surrogates": "\ud800" * AT_MOST,
    "invisible signs": "m\u200bo\u200bu\u200br\u200bi\u200br " * (AT_MOST // 13),
    "slips": " ".join(f"suiicder{n}" for n in range(AT_MOST // 13)),
    "one slip again and again": "scarfiier " * (AT_MOST // 10),
    "many numbers": "1500e " * (AT_MOST // 6),
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
        ("[a|b] c", "b c", True),
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


def test_what_two_phrases_share_means_the_same_in_both() -> None:
    phrases = Phrases(str.split, {"few": ["one", "two"]})
    for phrase in ("[a|b] c", "a c e", "{few} f", "one f g", "h … k", "h … l"):
        phrases.add(phrase, 0)
    for text, found in {
        "b c": True,
        "a c e": True,
        "c e": False,
        "two f": True,
        "h l": True,
    }.items():
        assert bool(phrases.find(phrases.symbols(text.split()))) == found, text
    longest = {"b c e": 2, "a c e": 3, "two f g": 2, "one f g": 3, "h x k": 3, "x k": 0}
    for text, taken in longest.items():
        assert phrases.longest(phrases.symbols(text.split()), 0) == taken, text


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
        ("Jveux crevéééé", ["je", "vouloir", "crever"]),
        ("J'ai", ["je", "ai"]),
        ("0verd0s3", ["overdose"]),
        ("pk pas", ["pourquoi", "pas"]),
        ("vraiment", []),
        ("il ma toucher", ["ils", "me", "a", "toucher"]),
        ("ma mère", ["ma", "mere"]),
        ("jm mfaire", ["je", "me", "me", "faire"]),
        ("jmendors", ["jmendors"]),
        ("jmattache", ["je", "me", "atacher"]),
        ("koi ki", ["quoi", "qui"]),
        ("mon reup, ma reus", ["mon", "pere", "ma", "soeur"]),
        ("scarfiier scarifir", ["scarifier", "scarifier"]),
        ("sacrifier étranger coteau", ["sacrifier", "etranger", "coteau"]),
        ("1500e 2k 30 4", ["1000", "argent", "1000", "20", "4"]),
        ("m\u200bou\u200drir", ["mourir"]),
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
