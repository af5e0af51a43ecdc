"""What a script may recall: an answer that another one, or itself last time, keeps for the youth.

Looked at over the whole folder, once each script is sound by itself. Each finding is where, why,
and the remedy.
"""

from collections.abc import Collection, Iterator

from content.errors import quoted
from content.ways import Finding
from dialogs.script import Branch, Earlier, Script, Words

Folder = Collection[Script]


def findings(script: Script, folder: Folder) -> Iterator[Finding]:
    for alias, earlier in script.recall.items():
        others = [one for one in folder if one.name == earlier.script]
        saving = [one for one in others if _steps(one, earlier)]
        if not others:
            yield (
                ("recall", alias, "script"),
                f"{quoted(earlier.script)} n'est pas un script de ce dossier.",
                "corrigez le nom, ou écrivez ce script.",
            )
        elif not saving:
            yield (
                ("recall", alias, "variable"),
                f"{quoted(earlier.script)} n'enregistre rien sous {quoted(earlier.variable)}.",
                f"nommez un de ses {quoted('save')}.",
            )
        elif any(one.anonymous or one.kind == "enrolment" for one in others):
            yield (
                ("recall", alias, "script"),
                f"{quoted(earlier.script)} ne garde pas ses réponses au nom du jeune.",
                "rappelez un autre script, ou rien.",
            )
        else:
            yield from _compared(script, alias, _values(saving, earlier))


def _compared(script: Script, alias: str, known: set[str] | None) -> Iterator[Finding]:
    """A branch compares values that the earlier script, in some version, can have kept."""
    for name, at in script.steps.items():
        for place, case in enumerate(at.cases if isinstance(at, Branch) else ()):
            unknown = set(case.when.get(alias, ())) - known if known is not None else set()
            if unknown:
                yield (
                    ("steps", name, "cases", place, "when", alias),
                    f"{quoted(min(unknown))} n'est pas une réponse de {quoted(alias)}.",
                    "corrigez la valeur.",
                )


def example(script: Script, alias: str, folder: Folder) -> tuple[str, str] | None:
    """A value that could be recalled, and its words; None for free words."""
    earlier = script.recall[alias]
    for one in folder:
        for name in _steps(one, earlier) if one.name == earlier.script else ():
            for option in one.options_of(name):
                return option.value, option.recalled or option.label
    return None


def _steps(script: Script, earlier: Earlier) -> list[str]:
    """The steps that keep what is recalled."""
    return [n for n, at in script.steps.items() if getattr(at, "save", None) == earlier.variable]


def _values(saving: Folder, earlier: Earlier) -> set[str] | None:
    """All that can be kept; None, anything, where some step takes free words."""
    steps = [(one, name) for one in saving for name in _steps(one, earlier)]
    if any(isinstance(one.steps[name], Words) for one, name in steps):
        return None
    return {option.value for one, name in steps for option in one.options_of(name)}
