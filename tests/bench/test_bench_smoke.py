"""The benchmark runs: every measure prints its figures, and every run is confirmed."""

import re
import subprocess
import sys

import pytest

from tooling.environment import ROOT

FIGURES = (
    r"the engine alone: steps\s+[\d,.]+ /s .* ≥ 10,000 /s: (met|MISSED)",
    r"the light server's own ceiling\s+[\d,.]+ /s .* ≥ 10,000 /s: (met|MISSED)",
    r"start-up to first poll\s+[\d,.]+ s .* ≤ 2 s: (met|MISSED)",
    r"memory, at most\s+([\d,.]+ MB|not measured here)",
    r"python-telegram-bot, ORM commit each .* [\d.]+× .* ≥ 10×: .*15×",
    r"aiogram 3, no database .* [\d.]+× .* ≥ 1×",
    r"ConversationHandler, saved each minute .* [\d.]+×",
    r"aiogram-dialog, in memory .* [\d.]+× .* ≥ 3×: .*5×",
    r"one update after another .* [\d.]+× .* ≥ 40×",
    r"calls under way at once, at most\s+\d+",
    r"Relais, durable: the last one leaves\s+[\d,.]+ s",
    r"rate after the first 60\s+[\d,.]+ /s",
    r"a message, after 20,000 rows\s+[\d,.]+ µs",
    r"the second by the first\s+[\d,.]+ × .* ≤ 1.50 ×",
)


def test_a_quick_run_of_a_few_measures_prints_their_figures() -> None:
    told = printed("engine", "start")
    assert re.search(FIGURES[0], told), told
    assert re.search(FIGURES[2], told), told


@pytest.mark.prove
def test_a_quick_run_prints_every_figure_and_confirms_it() -> None:
    told = printed()
    for figure in FIGURES:
        assert re.search(figure, told), (figure, told)
    assert told.count("✓") == 3
    assert "at synchronous=FULL" in told


def printed(*measures: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", *measures],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=400,  # under a minute on a quiet machine; tests run beside others
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
