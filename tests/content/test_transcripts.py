"""Every golden transcript still reads the same, with the state serialised between every step."""

from pathlib import Path

import pytest

import content
from tests.content import transcripts
from tests.content.transcripts import FOLDER, WAYS, applies, path, read, replayed, update

LIBRARY = content.load()


@pytest.mark.parametrize("transcript", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_a_transcript_replays_word_for_word(transcript: Path) -> None:
    kept = read(transcript)
    assert replayed(LIBRARY, kept) == kept["turns"], "python -m tests.content.transcripts --update"


def test_every_script_has_its_transcripts_and_no_other_is_left() -> None:
    wanted = {
        path(script, way).name
        for script in LIBRARY.every_version()
        for way in WAYS
        if applies(LIBRARY, script, way)
    }
    assert {kept.name for kept in FOLDER.glob("*.yaml")} == wanted


def test_every_transcript_ends() -> None:
    for kept in FOLDER.glob("*.yaml"):
        assert read(kept)["turns"][-1]["outcome"] == "done"


def test_an_update_writes_what_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "FOLDER", tmp_path)
    (tmp_path / "old@1.first.yaml").write_text("turns: []", "utf-8")
    assert "old@1.first.yaml" in update(LIBRARY)
    assert update(LIBRARY) == []
    for kept in tmp_path.glob("*.yaml"):
        assert replayed(LIBRARY, read(kept)) == read(kept)["turns"]
