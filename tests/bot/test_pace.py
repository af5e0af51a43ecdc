"""How fast a bot may speak: thirty a second in all, one a second to a chat, bursts of three."""

from hypothesis import given
from hypothesis import strategies as st

from bot.pace import BOT_RATE, CHAT_BURST, Bucket, Pace


def test_a_bot_has_fifteen_permits_and_gets_thirty_a_second() -> None:
    pace = Pace()
    for chat in range(15):
        assert pace.permits(100.0) == 15 - chat
        pace.take(chat, 100.0)
    assert pace.permits(100.0) == 0
    assert 0 < pace.next_permit(100.0) <= 1 / 30
    assert pace.permits(100.25) == 7
    assert pace.permits(200.0) == 15, "they do not pile up"


@given(st.lists(st.floats(0, 0.2), max_size=150), st.lists(st.floats(0, 0.5), min_size=150))
def test_what_leaves_within_the_limits_arrives_within_them_half_a_second_late_at_most(
    pauses: list[float], lateness: list[float]
) -> None:
    """Telegram's own bucket, as its FAQ lets one think of it: thirty at once, thirty a second."""
    pace, now = Pace(), 1000.0
    arrivals: list[float] = []
    for pause, late in zip(pauses, lateness, strict=False):
        now += pause
        if pace.permits(now):
            pace.take(len(arrivals), now)
            arrivals.append(now + late)
    theirs = Bucket(BOT_RATE, BOT_RATE, BOT_RATE, 0.0)
    for at in sorted(arrivals):
        assert theirs.refill(at) > 1 - 1e-6
        theirs.level -= 1


def test_a_chat_rests_after_three_in_a_row() -> None:
    pace = Pace()
    for _ in range(3):
        assert pace.resting(10.0) == []
        pace.take(7, 10.0)
    assert pace.resting(10.0) == [7]
    assert pace.resting(10.9) == [7]
    assert pace.resting(11.0) == []
    assert pace.resting(20.0) == []


def test_a_429_stops_the_whole_bot_until_its_time_is_over() -> None:
    pace = Pace(unlimited=True)
    pace.stop(3, 10.0)
    assert pace.permits(12.9) == 0
    assert round(pace.next_permit(12.0), 3) == 1
    assert pace.permits(13.0) > 0
    pace.stop(5, 13.0)
    pace.stop(1, 13.0)
    assert pace.permits(17.0) == 0, "a shorter wait does not end a longer one"


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 0.3)), max_size=200))
def test_nobody_is_ever_sent_more_than_telegram_allows(tries: list[tuple[int, float]]) -> None:
    pace, now, taken = Pace(), 1000.0, []
    for chat, pause in tries:
        now += pause
        if pace.permits(now) and chat not in pace.resting(now):
            pace.take(chat, now)
            taken.append((chat, now))
    for since in {at for _, at in taken}:
        span = [(chat, at) for chat, at in taken if since <= at < since + 5]
        assert len(span) <= BOT_RATE * 6
        for chat in range(5):
            assert len([1 for c, _ in span if c == chat]) <= CHAT_BURST + 5 + 1
