"""argparse in French: the same parser, with its few sentences in the reader's language."""

import argparse
import re
from typing import Any, NoReturn

_SENTENCES = (
    (r"the following arguments are required: (.*)", "il manque\u00a0: {0}"),
    (
        r"argument (.*): invalid choice: '?(.*?)'? \(choose from (.*)\)",
        "{0}\u00a0: «\u00a0{1}\u00a0» n'existe pas. Au choix\u00a0: {2}",
    ),
    (r"argument (.*): invalid \w+ value: '(.*)'", "{0}\u00a0: «\u00a0{1}\u00a0» ne va pas"),
    (r"argument (.*): expected one argument", "{0}\u00a0: il faut une valeur"),
    (r"argument (.*): expected at least one argument", "{0}\u00a0: il faut au moins une valeur"),
    (r"argument (.*): not allowed with argument (.*)", "{0} ne va pas avec {1}"),
    (r"one of the arguments (.*) is required", "il faut l'un de\u00a0: {0}"),
    (r"argument (.*): ignored explicit argument '(.*)'", "{0} ne prend pas de valeur"),
    (r"unrecognized arguments: (.*)", "je ne connais pas\u00a0: {0}"),
    (r"ambiguous option: (.*) could match (.*)", "{0} peut vouloir dire\u00a0: {1}"),
    (r"argument (.*): (.*)", "{0}\u00a0: {1}"),
)
_HEADINGS = {"positional arguments": "arguments", "options": "options"}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one French sentence, with exit status 2."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(add_help=False, **options)
        self.add_argument("-h", "--help", "--aide", action="help", help="cette aide, puis fin")
        for group in self._action_groups:
            group.title = _HEADINGS.get(group.title or "", group.title)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}\u00a0: {translated(message)}. Voir {self.prog} --help.\n")

    def format_usage(self) -> str:
        return super().format_usage().replace("usage:", "usage\u00a0:", 1)

    def format_help(self) -> str:
        return super().format_help().replace("usage:", "usage\u00a0:", 1)


def translated(message: str) -> str:
    for pattern, sentence in _SENTENCES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return sentence.format(*_unquoted(match.groups(), sentence))
    return message


def _unquoted(found: tuple[str, ...], sentence: str) -> tuple[str, ...]:
    """Choices as they are typed: Python shows them between its own quotes."""
    if "Au choix" not in sentence:
        return found
    return (*found[:-1], found[-1].replace("'", ""))
