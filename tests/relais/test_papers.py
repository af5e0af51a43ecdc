"""relais papers: five files, ready to print, and what remains to be written in each."""

from pathlib import Path

from tests.relais.conftest import CommandLine


def test_the_papers_are_written_into_a_folder(empty: CommandLine, tmp_path: Path) -> None:
    empty.ok("structure", "add", "Les Passerelles", "--kind", "csapa")
    empty.ok("structure", "set", "--controller-name", "Association Les Deux Rives")
    made = empty.ok("papers", "--into", str(tmp_path / "papiers"))
    assert len(made) == 5
    for one in made:
        text = Path(one["file"]).read_text("utf-8")
        assert "Association Les Deux Rives" in text
        assert text.count("<mark>") == one["missing"] > 0


def test_the_controller_is_kept_as_it_was_told(empty: CommandLine) -> None:
    empty.ok("structure", "add", "Les Passerelles", "--kind", "csapa", "--controller-dpo", "a@b.c")
    kept = empty.ok("structure", "set", "--controller-name", "Les  Deux\nRives")["controller"]
    assert kept == {"dpo": "a@b.c", "name": "Les Deux Rives"}


def test_a_file_is_no_folder(empty: CommandLine, tmp_path: Path) -> None:
    empty.ok("structure", "add", "Les Passerelles", "--kind", "csapa")
    (tmp_path / "papiers").write_text("")
    assert "n'est pas un dossier" in empty.refused("papers", "--into", str(tmp_path / "papiers"))
