"""`relais papers`: the notices, the register entry and the impact assessment, filled and ready to
print."""

from pathlib import Path
from typing import Any

from admin.papers import PAPERS, Paper, paper
from admin.wording import counted
from records import retention
from relais.command import Call, Said, UsageError, table, verb
from relais.commands.typed import structure_named

_TITLES = {
    "notice-jeunes-12-14": "pour les jeunes de 12 à 14 ans",
    "notice-jeunes-15-25": "pour les jeunes de 15 à 25 ans",
    "notice-parents": "pour les parents, avec leur accord à signer",
    "registre": "la fiche du registre des traitements",
    "aipd": "la trame de l'analyse d'impact",
}


def add_to(nouns: Any) -> None:
    one = verb(nouns, "papers", "les papiers de la structure, remplis et prêts à imprimer", papers)
    one.add_argument("structure", metavar="NOM", nargs="?", help="inutile s'il n'y en a qu'une")
    one.add_argument(
        "--into", type=Path, required=True, metavar="DOSSIER", help="où les écrire ; fait au besoin"
    )


async def papers(call: Call) -> Said:
    async with call.database.read() as tx:
        of = await structure_named(tx, call.typed.structure)
        kept = await retention.periods(tx)
    today = call.now.astimezone(of.tz).date()
    folder: Path = call.typed.into
    made = [paper(name, of, today, kept) for name in PAPERS]
    _write(made, folder)
    facts = [{"file": str(folder / f"{p.name}.html"), "missing": p.missing} for p in made]
    lines = [(f"{p.name}.html", _TITLES[p.name], _missing(p)) for p in made]
    said = table(("fichier", "quoi", "reste à écrire"), lines)
    more = "Ce qui est surligné reste à écrire. Les réglages --controller-… de « relais structure set » en remplissent une partie."
    return Said(facts, f"{said}\n\n{more}")


def _write(made: list[Paper], folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"« {folder} » n'est pas un dossier. Donnez-en un autre avec --into.")
    folder.mkdir(parents=True, exist_ok=True)
    for one in made:
        (folder / f"{one.name}.html").write_text(one.html, "utf-8")


def _missing(one: Paper) -> str:
    return (
        "rien" if not one.missing else counted("%(num)s passage", "%(num)s passages", one.missing)
    )
