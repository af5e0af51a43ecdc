"""Never twice the same wording in a row, whatever was sent, lost, reworded or started again."""

import itertools
import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from content.library import Library
from content.wordings import following, mark
from dialogs import engine
from dialogs.engine import State

LIBRARY = Library.load()
CHECKINS = LIBRARY.catalogue("checkin")
wordings = st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=6, unique=True)


def test_each_check_in_is_proposed_and_begins_in_three_wordings_at_least() -> None:
    assert {one.name for one in CHECKINS} == {
        "humeur",
        "semaine",
        "avant-rdv",
        "apres-rdv",
        "objectif",
    }
    for script in CHECKINS:
        assert len(set(script.invitations)) >= 3
        assert len(set(script.wordings)) >= 3


@given(st.lists(st.tuples(wordings, st.booleans()), min_size=2, max_size=30))
def test_no_two_in_a_row_read_the_same(times: Sequence[tuple[list[str], bool]]) -> None:
    """Each time the script may be another version, and what is proposed may never arrive."""
    last: str | None = None
    read: list[str] = []
    for said, arrives in times:
        place = following(said, json.loads(json.dumps(last)))
        if arrives:
            last = mark(said[place])
            read.append(said[place])
    assert all(one != other for one, other in itertools.pairwise(read))


@given(wordings)
def test_what_is_repeated_after_a_doubt_reads_otherwise_too(said: list[str]) -> None:
    last = mark(said[0])
    assert following(said, last, 1) not in (0, following(said, last))


def test_the_wording_stays_the_same_within_one_conversation_and_over_a_restart() -> None:
    script, phrases = LIBRARY.script("humeur"), LIBRARY.phrases("fr")
    for place, said in enumerate(script.wordings):
        turn = engine.begin(script, phrases, "7", {}, place)
        kept = State.from_json(json.loads(json.dumps(turn.state.to_json())))
        assert engine.show(script, kept, phrases, "7").text == said.strip()
