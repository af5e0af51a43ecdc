"""Reading updates: whatever Telegram reports becomes one of our own, and never an error."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel import KINDS, Incoming
from bot.telegram_updates import parsed

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["private", "group", "kicked", "member", "/start x", "a\0b", "\ud800"]),
)
NAMES = st.one_of(
    st.sampled_from(
        [
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
            "chat",
            "id",
            "type",
            "text",
            "message_id",
            "from",
            "data",
            "new_chat_member",
            "status",
            "forward_origin",
        ]
    ),
    st.text(max_size=5),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)
CHAT = st.fixed_dictionaries(
    {"id": st.integers() | ANYTHING, "type": st.sampled_from(["private", "group"]) | ANYTHING}
)
MESSAGE = st.fixed_dictionaries(
    {"message_id": st.integers() | ANYTHING, "chat": CHAT},
    optional={"text": SCALARS, "forward_origin": ANYTHING, "from": ANYTHING},
)
UPDATE = st.fixed_dictionaries(
    {"update_id": st.integers(0, 1 << 53)},
    optional={
        "message": MESSAGE,
        "edited_message": MESSAGE,
        "my_chat_member": ANYTHING,
        "callback_query": st.fixed_dictionaries(
            {"id": SCALARS, "from": CHAT}, optional={"message": MESSAGE, "data": SCALARS}
        ),
    },
)


@settings(max_examples=400)
@given(UPDATE | ANYTHING)
def test_no_update_at_all_is_an_error(update: Any) -> None:
    came = parsed(update)
    assert came.kind in KINDS
    assert -1 <= came.update_id < 1 << 63
    assert came.address == "" or -(1 << 63) <= int(came.address) < 1 << 63
    assert came.message_id is None or -(1 << 63) <= came.message_id < 1 << 63
    for words in (came.text, came.tap_id or ""):
        words.encode()
        assert "\0" not in words
    if came.kind == "malformed":
        assert came.source == update


def private(**more: Any) -> dict[str, Any]:
    return {"message_id": 5, "chat": {"id": 77, "type": "private"}, "from": {"id": 77}, **more}


@pytest.mark.parametrize(
    ("update", "came"),
    [
        ({"message": private(text="Salut")}, Incoming(1, "text", "77", 5, "Salut")),
        ({"message": private(text="/start")}, Incoming(1, "start", "77", 5)),
        ({"message": private(text="/start abc-_1")}, Incoming(1, "start", "77", 5, "abc-_1")),
        ({"message": private(text="/started")}, Incoming(1, "text", "77", 5, "/started")),
        ({"message": private(sticker={})}, Incoming(1, "media", "77", 5)),
        ({"message": private(photo=[], caption="vu")}, Incoming(1, "media", "77", 5, "vu")),
        ({"message": private(text="x", forward_origin={})}, Incoming(1, "forwarded", "77", 5)),
        ({"edited_message": private(text="x")}, Incoming(1, "edited", "77", 5, "x")),
        (
            {"message": {"message_id": 5, "chat": {"id": -9, "type": "group"}, "text": "x"}},
            Incoming(1, "joined", "-9"),
        ),
        (
            {
                "callback_query": {
                    "id": "8",
                    "from": {"id": 77},
                    "message": private(),
                    "data": "want",
                }
            },
            Incoming(1, "tap", "77", 5, act=("want",), tap_id="8"),
        ),
        (
            {"callback_query": {"id": "8", "from": {"id": 77}, "data": "want"}},
            Incoming(1, "tap", "77", act=("want",), tap_id="8"),
        ),
        (
            {"callback_query": {"id": "8", "from": {"id": 77}, "game_short_name": "x"}},
            Incoming(1, "tap", "77", tap_id="8"),
        ),
        (
            {
                "my_chat_member": {
                    "chat": {"id": 77, "type": "private"},
                    "from": {"id": 77},
                    "new_chat_member": {"status": "kicked"},
                }
            },
            Incoming(1, "blocked", "77"),
        ),
        (
            {
                "my_chat_member": {
                    "chat": {"id": 77, "type": "private"},
                    "from": {"id": 77},
                    "new_chat_member": {"status": "member"},
                }
            },
            Incoming(1, "unblocked", "77"),
        ),
        (
            {
                "my_chat_member": {
                    "chat": {"id": -9, "type": "supergroup"},
                    "new_chat_member": {"status": "left"},
                }
            },
            Incoming(1, "ignored", "-9"),
        ),
        ({"poll": {}}, Incoming(1, "ignored", "")),
    ],
)
def test_each_kind_is_read_as_what_it_is(update: dict[str, Any], came: Incoming) -> None:
    assert parsed({"update_id": 1, **update}) == came
