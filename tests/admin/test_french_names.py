"""« de » before a first name, and the days that a period counts."""

import pytest

from admin.french import of_name
from content import span


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Maya", "de Maya"),
        ("Inès", "d'Inès"),
        ("Élodie", "d'Élodie"),
        ("œil", "d'œil"),
        ("Hugo", "d'Hugo"),
        ("Hélène", "d'Hélène"),
        ("Hamza", "de Hamza"),
        ("Yanis", "de Yanis"),
        ("Yves", "d'Yves"),
        ("7up", "de 7up"),
    ],
)
def test_de_is_elided_before_a_vowel_and_a_mute_h(name: str, said: str) -> None:
    assert of_name(name) == said


@pytest.mark.parametrize(
    ("days", "french", "english"),
    [(0, "0 jour", "0 days"), (1, "1 jour", "1 day"), (2, "2 jours", "2 days")],
)
def test_days_are_counted_as_each_language_counts(days: int, french: str, english: str) -> None:
    assert span(days).replace("\u00a0", " ") == french
    assert span(days, "en").replace("\u00a0", " ") == english
