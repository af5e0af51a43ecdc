"""What a table says of a goal, and that the server sees who speaks out of turn."""

from random import Random

import pytest

import content
from bench import engine, history
from bench.beside import light_server
from bench.ceiling import ceiling
from bench.figures import Goal, Spread, table
from bench.peers import environment


@pytest.mark.parametrize(
    ("goal", "median", "said"),
    [
        (Goal(10, 15), 12.3, "≥ 10×: met; aiming at 15×: MISSED"),
        (Goal(10, 15), 9.9, "≥ 10×: MISSED; aiming at 15×: MISSED"),
        (Goal(2, 1.2, most=True), 1.1, "≤ 2×: met; aiming at 1.20×: met"),
        (Goal(2, most=True), 2.1, "≤ 2×: MISSED"),
    ],
)
def test_a_goal_says_whether_it_is_met(goal: Goal, median: float, said: str) -> None:
    assert goal.verdict(median, "×") == said


def test_the_median_decides_and_the_spread_is_told() -> None:
    line = table([Spread("sent", "/s", (900.0, 1200.0, 1000.0), goal=Goal(1000))]).splitlines()[1]
    assert line.split("  ")[0] == "sent"
    assert "1,000 /s" in line
    assert "900–1,200" in line
    assert line.endswith("met")


def test_the_shares_of_a_past_are_a_whole() -> None:
    assert sum(history.SHARES.values()) == 1000


def test_the_peers_lock_is_that_of_their_list_and_names_no_registry() -> None:
    lock = environment.LOCK.read_text("utf-8")
    assert lock.splitlines()[0] == environment.seal(), "python -m bench.peers.environment"
    assert "://" not in lock
    assert lock.count("==") <= lock.count("--hash=")


async def test_two_calls_at_once_of_one_chat_are_seen() -> None:
    with light_server() as server:
        server.begin(latency=0.05)
        await ceiling(server.port, 0.3)  # sixty-four connections that all speak to one chat
        ledger = server.ledger()
    assert ledger.in_flight == 64
    assert ledger.overlapped > 0
    assert ledger.by_chat().total() == len(ledger.arrivals) > 64


@pytest.mark.parametrize("seed", range(4))
def test_the_engines_walks_reach_an_end_in_every_script(seed: int) -> None:
    phrases = content.library().phrases("fr")
    for script in content.library().every_version():
        assert engine.walked(script, phrases, Random(seed).random) >= 2


def test_the_engines_figure_is_counted_and_not_made_up() -> None:
    line = engine.steps_a_second(2, 0.05)
    assert "steps" in line
    assert "scripts in turn" in line
