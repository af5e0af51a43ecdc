"""What authors and translators run: `python -m content check | play | catalogue | listen | schema | translations |
translate | formal | publish`.

Exit status: 0 when all is well, 1 when something is to be mended, 2 when it was asked wrongly.
"""

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel

from content import catalogue, formal_findings, measure, overview, published, translating
from content.check import check
from content.courses import Course
from content.distress import heard
from content.errors import NBSP, ContentError, UnknownScript
from content.library import PACKAGED, Library
from content.play import play
from dialogs.script import Script

SCHEMAS: dict[Path, type[BaseModel]] = {
    PACKAGED / "script.schema.json": Script,
    PACKAGED / "course.schema.json": Course,
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except ContentError as refused:
        print(refused)
        return 1


def _check(asked: argparse.Namespace) -> int:
    library, problems = check(asked.folder)
    for problem in problems:
        print(problem)
    if library is None or problems:
        return 1
    print(
        f"contents: {len(library.every_version())} scripts, {len(library.courses)} courses, no problem"
    )
    if left := formal_findings.not_begun(library):
        print(f"Sans «{NBSP}vous{NBSP}» pour l'instant{NBSP}: {', '.join(map(_name, left))}.")
    return 0


def _name(file: str) -> str:
    return Path(file).stem


def _formal(asked: argparse.Namespace) -> int:
    """What « vous » lacks, ready to be put at the end of its catalogue and filled in."""
    print(formal_findings.to_write(Library(asked.folder)), end="")
    return 0


def _play(asked: argparse.Namespace) -> int:
    library = Library(asked.folder)
    try:
        script = library.script(asked.name, language=asked.language)
    except UnknownScript:
        names = ", ".join(sorted({known.name for known in library.every_version()}))
        sys.stderr.write(f"Script inconnu{NBSP}: {asked.name}. Il y a{NBSP}: {names}.\n")
        return 2
    if asked.language not in library.voices:
        known = ", ".join(library.voices)
        sys.stderr.write(f"Langue inconnue{NBSP}: {asked.language}. Il y a{NBSP}: {known}.\n")
        return 2
    turn = play(library, script, asked.language, lambda: input("> "), print)
    print(json.dumps(turn.state.answers, ensure_ascii=False, indent=2))
    return 0


def _listen(asked: argparse.Namespace) -> int:
    """One line in, one line out: the categories of distress that are heard, or « - »."""
    if asked.measure is not None:
        return _measure(asked.measure or measure.golden_lists())
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a byte that is no letter ends nothing
    for line in sys.stdin:
        print(" ".join(heard(line)) or "-", flush=True)
    return 0


def _measure(lists: Sequence[Path]) -> int:
    if not lists:
        sys.stderr.write("Les listes de phrases sont dans le dépôt : nommez-en une.\n")
        return 2
    print(measure.table(lists))
    return 0


def _overview(asked: argparse.Namespace) -> int:
    found = overview.rows(Library(asked.folder))
    if asked.check:
        page = overview.DOCUMENT.read_text("utf-8") if overview.DOCUMENT.exists() else ""
        if page != overview.markdown(found):
            print(
                "docs/catalogue.md n'est pas à jour\u00a0: "
                "python -m content catalogue --markdown > docs/catalogue.md"
            )
            return 1
    elif asked.json:
        print(json.dumps([overview.told(row) for row in found], ensure_ascii=False, indent=2))
    elif asked.markdown:
        print(overview.markdown(found), end="")
    else:
        print(overview.table(found))
        for one in overview.lacking(found):
            print(f"Aucun exercice\u00a0: {one}.")
    return 0


def _schema(asked: argparse.Namespace) -> int:
    stale = []
    for path, of in SCHEMAS.items():
        text = schema(of)
        if not asked.check:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            stale.append(path)
            print(f"{path.name} n'est pas à jour{NBSP}: python -m content schema")
    return 1 if stale else 0


def schema(of: type[BaseModel] = Script) -> str:
    """The JSON Schema that editors complete and check scripts, or courses, with."""
    return f"{json.dumps(of.model_json_schema(), ensure_ascii=False, indent=2)}\n"


def _translations(asked: argparse.Namespace) -> int:
    library = Library(asked.folder)
    path, text = catalogue.template_path(library), catalogue.template(library)
    stale = asked.check and (not path.exists() or path.read_text("utf-8") != text)
    if not asked.check:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    elif stale:
        print(f"{path.name} n'est pas à jour{NBSP}: python -m content translations")
    lacking = list(catalogue.untranslated(library))
    for problem in lacking:
        print(problem)
    return int(stale or (asked.check and bool(lacking)))


def _translate(asked: argparse.Namespace) -> int:
    library = Library(asked.folder)
    if not translating.LANGUAGE.fullmatch(asked.language):
        sys.stderr.write(
            f"«{NBSP}{asked.language}{NBSP}» n'est pas un code de langue comme «{NBSP}es{NBSP}».\n"
        )
        return 2
    if asked.out:
        asked.out.write_text(translating.sent_out(library, asked.language), "utf-8")
        print(f"{asked.out.name}{NBSP}: à traduire, puis à rendre par --in.")
        return 0
    if asked.returned:
        return _take_back(library, asked.language, asked.returned)
    found = translating.progress(library, asked.language)
    if asked.json:
        told = [{"file": one.file, "said": one.said, "whole": one.whole} for one in found]
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    for one in found:
        print(f"{one.percent:>3}{NBSP}%  {one.said:>4}/{one.whole:<4}  {one.file}")
    return 0


def _take_back(library: Library, language: str, path: Path) -> int:
    """All of it, or nothing."""
    back = translating.taken_back(library, language, path)
    for problem in back.problems:
        print(problem)
    if back.problems:
        print(f"Rien n'a été pris{NBSP}: corrigez ces phrases dans {path.name}.")
        return 1
    to = library.folder / "locale" / f"{language}.po"
    to.parent.mkdir(exist_ok=True)
    to.write_text(back.catalogue, "utf-8")
    print(f"{back.taken} phrases prises dans {to.name}.")
    if back.unsure:
        print(f"{len(back.unsure)} marquées «{NBSP}à revoir{NBSP}» (fuzzy), laissées de côté.")
    whole = translating.progress(Library(library.folder), language)
    print(f"Il en manque {sum(one.whole - one.said for one in whole)}.")
    return 0


def _publish(asked: argparse.Namespace) -> int:
    """Only what has no problem is published."""
    library, problems = check(asked.folder)
    for problem in problems:
        print(problem)
    if library is None or problems:
        return 1
    print("\n".join(published.publish(library)) or "Rien de nouveau à publier.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m content", description="Les textes de Relais.")
    parser.add_argument("--folder", type=Path, default=PACKAGED, help="un autre dossier de textes")
    commands = parser.add_subparsers(required=True, metavar="COMMANDE")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], told: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=told, description=told)
        added.set_defaults(run=run)
        return added

    command("check", _check, "dit tout ce qui est à corriger")
    played = command("play", _play, "joue un script dans le terminal")
    played.add_argument("name", metavar="NOM")
    played.add_argument("--language", default="fr", metavar="LANGUE")
    shown = command("catalogue", _overview, "montre tout ce qui peut être proposé")
    shown.add_argument("--json", action="store_true", help="pour un autre programme")
    shown.add_argument("--markdown", action="store_true", help="la page docs/catalogue.md")
    shown.add_argument("--check", action="store_true", help="vérifie seulement cette page")
    listened = command("listen", _listen, "dit ce qui est entendu dans chaque ligne, ou -")
    listened.add_argument(
        "--measure",
        nargs="*",
        type=Path,
        metavar="LISTE",
        help="précision et rappel par catégorie, sur ces listes ou celles du dépôt",
    )
    command("schema", _schema, "écrit les schémas JSON").add_argument(
        "--check", action="store_true", help="vérifie seulement"
    )
    command("translations", _translations, "écrit content.pot, dit ce qui manque").add_argument(
        "--check", action="store_true", help="vérifie seulement"
    )
    translated = command(
        "translate", _translate, "ce qui manque dans une langue ; sort ou reprend son .po"
    )
    translated.add_argument("language", metavar="LANGUE", help="son code : es, ar, pt_BR")
    way = translated.add_mutually_exclusive_group()
    way.add_argument("--out", type=Path, metavar="FICHIER", help="écrit le .po à traduire")
    way.add_argument(
        "--in", dest="returned", type=Path, metavar="FICHIER", help="reprend un .po traduit"
    )
    way.add_argument("--json", action="store_true", help="pour un autre programme")
    command("formal", _formal, "donne ce qui manque pour dire « vous », à remplir")
    command("publish", _publish, "fige les versions actuelles")
    return parser


if __name__ == "__main__":
    sys.exit(main())
