"""Published versions never change: conversations under way, past answers and consents stand on them.

`published.json` keeps a fingerprint of each script, and of each question that asks for a consent.
It is of what they mean, not of their file: comments, quotes and line breaks of the YAML may change.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from content import consents
from content.errors import Problem, quoted
from content.library import Library
from dialogs.script import Script

FILE = "published.json"
CONSENT = "consent:"


def fingerprint(script: Script) -> str:
    """Fields left at their default are not counted: a new optional field changes nothing."""
    meant = script.model_dump(mode="json", exclude_defaults=True)
    return sha256(json.dumps(meant, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def published(folder: Path) -> dict[str, str]:
    """Fingerprints by `name@version`."""
    path = folder / FILE
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def changed(library: Library) -> Iterator[Problem]:
    """Each published version that is no longer what it was, or no longer there."""
    kept_all = published(library.folder)
    yield from _changed_questions(library, kept_all)
    for key, kept in kept_all.items():
        if key.startswith(CONSENT):
            continue
        name, _, version = key.partition("@")
        number = int(version)
        if not library.has(name, number):
            yield Problem(
                f"{library.folder.name}/scripts/{name}.yaml",
                1,
                "",
                f"la version {version}, publiée, a disparu.",
                f"remettez-la dans {quoted(f'{key}.yaml')}.",
            )
        elif fingerprint(library.script(name, number)) != kept:
            yield library.sources[name, number].problem(
                ("version",),
                f"la version {version}, publiée, a changé.",
                f"remettez-la dans {quoted(f'{key}.yaml')}, et donnez à la nouvelle le numéro "
                f"{number + 1}.",
            )


def _changed_questions(library: Library, kept: dict[str, str]) -> Iterator[Problem]:
    """Each question whose answers are in ledgers, and which no longer reads as it did."""
    now = library.consents.fingerprints()
    for key, fingerprint_ in kept.items():
        if key.startswith(CONSENT) and now.get(key) != fingerprint_:
            purpose, _, version = key.removeprefix(CONSENT).partition("@")
            yield library.consents.source.problem(
                (purpose, int(version)),
                f"la version {version} de {quoted(purpose)}, publiée, a changé.",
                f"remettez-la, et ajoutez la version {int(version) + 1}.",
            )


def publish(library: Library) -> list[str]:
    """Write down every version not yet published; the new ones, by `name@version`."""
    kept = published(library.folder)
    new = {
        key: fingerprint(script)
        for script in library.every_version()
        if (key := f"{script.name}@{script.version}") not in kept
    }
    if (library.folder / consents.FILE).exists():  # else they are the packaged ones
        new |= {key: of for key, of in library.consents.fingerprints().items() if key not in kept}
    text = json.dumps(dict(sorted((kept | new).items())), indent=2)
    (library.folder / FILE).write_text(f"{text}\n", "utf-8")
    return sorted(new)
