"""Telegram's HTML, as its own parser reads it."""

from __future__ import annotations

import pytest

from simulator import html
from simulator.errors import ApiError

# Sentences and offsets as the real parser gives them (td/test/message_entities.cpp).
WRONG = [
    ("&#57311;", "Text contains invalid Unicode characters"),
    ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
    ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
    ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
    ("🏟 🏟&lt;<i    aba>", 'Can\'t find end tag corresponding to start tag "i"'),
    ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
    ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
    ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
    ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
    ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
    (
        "🏟 🏟&lt;<i>a</em   >",
        'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"',
    ),
]


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_wrong_markup_is_refused_with_the_place(text: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        html.parse(text)
    assert refused.value.description.startswith(f"Bad Request: can't parse entities: {reason}")


@pytest.mark.parametrize(
    ("text", "plain", "kinds"),
    [
        ("➡️ ➡️<i>➡️ ➡️</i>", "➡️ ➡️➡️ ➡️", [("italic", 5, 5)]),
        ("🏟 🏟<i>🏟 &lt🏟</i>", "🏟 🏟🏟 <🏟", [("italic", 5, 6)]),
        (
            "🏟 🏟<i>🏟 &gt;<b aba   =   caba>&lt🏟</b></i>",
            "🏟 🏟🏟 ><🏟",
            [("italic", 5, 7), ("bold", 9, 3)],
        ),
        ("&ge;&lt;&gt;&amp;&quot;&#12345678;", '&ge;<>&"&#12345678;', []),
        ("🏟 🏟&lt;<i>a</    >", "🏟 🏟<a", [("italic", 6, 1)]),
        ("<b></b>a", "a", []),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<STRONG>a</STRONG>", None, []),
    ],
)
def test_right_markup_becomes_text_and_entities(
    text: str, plain: str | None, kinds: list[tuple[str, int, int]]
) -> None:
    if plain is None:  # closing names are compared as written, opening ones in lower case
        with pytest.raises(ApiError):
            html.parse(text)
        return
    found, entities = html.parse(text)
    assert found == plain
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == kinds


def test_a_link_keeps_its_address() -> None:
    text, entities = html.parse(
        '<a href="https://exemple.fr/?a&amp;b">ici</a> <a href="rien">là</a>'
    )
    assert text == "ici là"
    assert [entity["url"] for entity in entities] == ["https://exemple.fr/?a&b"]
