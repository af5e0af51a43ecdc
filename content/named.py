"""What the program itself names must be in the folder: a script, and the sentences of the interface.

An author's folder may be checked and played without them; the program does not start.
"""

from content.errors import ContentError, Problem, quoted
from content.library import PACKAGED, Library
from content.source import read

SCRIPTS = {"enrolment": "enrolment"}
"""Each script that is begun by its name, and its kind: whoever opens a link meets enrolment."""


def require_named(library: Library) -> None:
    """Raises ContentError for what lacks, all at once."""
    if lacking := [*_scripts(library), *_sentences(library)]:
        raise ContentError(lacking)


def _scripts(library: Library) -> list[Problem]:
    found = []
    for name, kind in SCRIPTS.items():
        file = f"{library.folder.name}/scripts/{name}.yaml"
        remedy = "copiez-le depuis les contenus du programme, ou corrigez RELAIS_CONTENT."
        if not library.has(name):
            found.append(Problem(file, 1, "", f"il manque le script {quoted(name)}.", remedy))
        elif library.script(name).kind != kind:
            source = library.sources[name, library.script(name).version]
            reason = f"le programme attend ici un script de sorte {quoted(kind)}."
            found.append(source.problem(("kind",), reason, remedy))
    return found


def _sentences(library: Library) -> list[Problem]:
    ours = read(PACKAGED / "interface.yaml", "content/interface.yaml").data
    return [
        Problem(
            library.interface_source.shown,
            1,
            "",
            f"il manque la phrase {quoted(key)}.",
            "copiez-la depuis les contenus du programme.",
        )
        for key in ours
        if key not in library.interface
    ]
