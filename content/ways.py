"""Where each step of a script leads: no dead end, nothing unreachable, no branch that goes round.

Each finding is where, why, and the remedy.
"""

from collections.abc import Iterator
from functools import cache

from content.errors import quoted
from content.source import Where
from dialogs.script import Branch, Case, Choice, End, Say, Scale, Script

Finding = tuple[Where, str, str]


def leads_to(script: Script, name: str) -> set[str]:
    """The steps that can follow one, by whatever button or text."""
    at = script.steps[name]
    if isinstance(at, End):
        return set()
    if isinstance(at, Say):
        return {at.next}
    if isinstance(at, Branch):
        return {at.next} | {case.next for case in at.cases if not _hidden(at, case)}
    passed = {at.skip or at.next}
    if isinstance(at, Choice | Scale):
        chosen = {option.next or at.next for option in script.options_of(name)}
        return chosen if isinstance(at, Choice) and at.required else chosen | passed
    return {at.next} | passed


def _hidden(at: Branch, later: Case) -> bool:
    """Whether an earlier case takes all that this one would."""
    earlier = at.cases[: at.cases.index(later)]
    return any(
        all(
            set(later.when.get(name, ())) <= set(values) and name in later.when
            for name, values in case.when.items()
        )
        for case in earlier
    )


def _left_by_answering(script: Script) -> set[str]:
    """The steps from which some answers lead to an end, without passing any question."""
    left = {name for name, at in script.steps.items() if isinstance(at, End)}
    while more := {
        name for name in script.steps if name not in left and _answered(script, name) & left
    }:
        left |= more
    return left


def _answered(script: Script, name: str) -> set[str]:
    at = script.steps[name]
    if isinstance(at, Choice | Scale):
        return {option.next or at.next for option in script.options_of(name)}
    return leads_to(script, name) if isinstance(at, Say | Branch | End) else {at.next}


def after(script: Script, name: str) -> set[str]:
    """All the steps that can come after one, however far; itself only by a loop."""
    found: set[str] = set()
    ahead = leads_to(script, name)
    while ahead:
        found |= ahead
        ahead = {far for near in ahead for far in leads_to(script, near)} - found
    return found


def screens(script: Script) -> tuple[int, int]:
    """The fewest and the most screens on a way through; one that comes back is counted once."""

    @cache
    def ahead(step: str, been: frozenset[str]) -> tuple[int, int]:
        at = script.steps[step]
        own = 0 if isinstance(at, Branch) else 1
        if isinstance(at, End):
            return own, own
        ways = [ahead(then, been | {then}) for then in leads_to(script, step) - been]
        if not ways:
            return 10**6, 0  # only back: no way through
        return own + min(few for few, _ in ways), own + max(most for _, most in ways)

    return ahead(script.first, frozenset({script.first}))


def unknown_steps(script: Script) -> Iterator[Finding]:
    named: list[tuple[Where, str | None]] = [(("first",), script.first)]
    for name, at in script.steps.items():
        named += [(("steps", name, field), getattr(at, field, None)) for field in ("next", "skip")]
        if isinstance(at, Branch):
            named += [
                (("steps", name, "cases", place, "next"), case.next)
                for place, case in enumerate(at.cases)
            ]
        listed = "points" if isinstance(at, Scale) else "options"
        named += [
            (("steps", name, listed, place, "next"), option.next)
            for place, option in enumerate(script.options_of(name))
        ]
    for where, then in named:
        if then is not None and then not in script.steps:
            yield (
                where,
                f"{quoted(then)} n'est pas une étape de ce script.",
                "corrigez le nom, ou écrivez cette étape.",
            )


def ends_and_ways(script: Script) -> Iterator[Finding]:
    """Each step can be reached, and from each an end can be."""
    ends = {name for name, at in script.steps.items() if isinstance(at, End)}
    if not ends:
        yield ("steps",), "le script n'a pas de fin.", f"ajoutez une étape {quoted('end')}."
        return
    reached = {script.first} | after(script, script.first)
    left = _left_by_answering(script)
    for name, at in script.steps.items():
        if getattr(at, "skip", None) == name:
            yield (
                ("steps", name, "skip"),
                "passer cette étape y ramène.",
                "faites mener vers une autre étape.",
            )
        if name not in reached:
            yield (
                ("steps", name),
                "aucune étape n'y mène.",
                "faites-y mener une autre étape, ou retirez-la.",
            )
        elif name not in left:
            yield (
                ("steps", name),
                "on y tourne en rond sans pouvoir finir.",
                "faites mener une de ses suites vers une fin.",
            )


def branches(script: Script) -> Iterator[Finding]:
    """A branch asks about something that was asked, compares values that exist, and never leads
    round and round without a screen."""
    earlier = saved_before(script)
    for name, at in script.steps.items():
        if not isinstance(at, Branch):
            continue
        for place, case in enumerate(at.cases):
            where: Where = ("steps", name, "cases", place, "when")
            for variable, values in case.when.items():
                if variable not in earlier[name]:
                    yield (
                        (*where, variable),
                        f"{quoted(variable)} n'est enregistré par aucune étape d'avant.",
                        f"corrigez le nom, ou nommez-le sous {quoted('recall')}.",
                    )
                elif (known := _values(script, variable)) is not None and not known.issuperset(
                    values
                ):
                    yield (
                        (*where, variable),
                        f"{quoted(min(set(values) - known))} n'est pas une réponse de {quoted(variable)}.",
                        "corrigez la valeur.",
                    )
        if _only_branches(script, name):
            yield (
                ("steps", name),
                "ces embranchements se suivent sans jamais montrer d'écran.",
                "faites-en mener un vers une étape qui se lit.",
            )


def _values(script: Script, variable: str) -> set[str] | None:
    """What can be stored under a name; None, anything, where another script stored it or it is free
    text."""
    saving = [n for n, at in script.steps.items() if getattr(at, "save", None) == variable]
    told = {option.value for name in saving for option in script.options_of(name)}
    return told if told and variable not in script.recall else None


def _only_branches(script: Script, start: str) -> bool:
    """Whether branches alone lead from here back to here."""
    seen: set[str] = set()
    ahead = leads_to(script, start)
    while ahead:
        if start in ahead:
            return True
        seen |= ahead
        ahead = {
            far
            for near in ahead
            if isinstance(script.steps.get(near), Branch)
            for far in leads_to(script, near)
        } - seen
    return False


def saved_before(script: Script) -> dict[str, set[str]]:
    """By step, the answers that can have been given when it is shown."""
    before: dict[str, set[str]] = {name: set(script.recall) for name in script.steps}
    if any(unknown_steps(script)):  # no way can be followed: take the steps as they are written
        return {
            name: {getattr(at, "save", None) or "" for at in script.steps.values()}
            | set(script.recall)
            for name in script.steps
        }
    for name, at in script.steps.items():
        if save := getattr(at, "save", None):
            for later in after(script, name):
                before[later].add(save)
    return before
