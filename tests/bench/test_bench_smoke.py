"""The benchmark runs, prints its four figures, and has every one of them confirmed."""

import re
import subprocess
import sys

from tooling.environment import ROOT

FIGURES = (
    r"the light server's own ceiling\s+[\d,.]+ /s",
    r"start-up to first poll\s+[\d,.]+ s",
    r"memory\s+([\d,.]+ MB|not measured here)",
    r"messages sent\s+[\d,.]+ /s",
    r"updates handled\s+[\d,.]+ /s",
)


def test_a_quick_run_prints_every_figure_and_confirms_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=240,  # under twenty seconds on a quiet machine; tests run beside others
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for figure in FIGURES:
        assert re.search(figure, done.stdout), (figure, done.stdout)
    assert done.stdout.count("✓") == 3
    assert "at synchronous=FULL" in done.stdout
