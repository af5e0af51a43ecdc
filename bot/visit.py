"""One visit: a person, what they did, and all that follows from it — decided now, written together.

Whatever answers a youth speaks through a `Visit`. Nothing is sent from here: screens become
message rows in the batch's own transaction, and what is never stored (callback answers, words to
strangers) is collected in `Aftermath`, to be sent once after the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.channel import Incoming
from bot.pace import AtOnce
from content import About, menu, spoken
from dialogs.engine import Phrases
from dialogs.screen import Button, Screen
from records import conversation, inbox, message, response
from records.columns import new_id
from records.database import Tx
from records.due import Due
from records.person import Person
from records.question import Question
from records.sending import Facts

Rows = tuple[tuple[Button, ...], ...]


@dataclass(slots=True)
class Aftermath:
    """What is sent once after the commit and never stored."""

    answers: list[tuple[str, str]] = field(default_factory=list)  # tap id, words
    told: dict[str, Screen] = field(default_factory=dict)  # stranger's address: one answer each
    left: list[str] = field(default_factory=list)  # groups
    erased: set[int] = field(default_factory=set)  # youths of whom nothing may be written any more
    freed: bool = False  # something was erased: what it leaves on the disk is to be overwritten
    withdrawn: set[tuple[int, str]] = field(default_factory=set)  # youth, purpose


@dataclass(slots=True)
class Writings:
    """Rows that a batch writes together; `leaving` are the replies among them that leave at once."""

    at_once: AtOnce
    drafts: list[message.Draft] = field(default_factory=list)
    answers: list[response.Saved] = field(default_factory=list)
    moved: dict[int, tuple[int, dict[str, Any], str]] = field(default_factory=dict)
    words: list[inbox.Said] = field(default_factory=list)
    kept_back: list[tuple[int, int]] = field(default_factory=list)  # youth, conversation
    leaving: list[Due] = field(default_factory=list)
    _about: set[int] = field(default_factory=set)

    def concern(self, youth_id: int) -> bool:
        """Whether something of this youth's is not written yet."""
        return youth_id in self._about

    def note(self, youth_id: int) -> None:
        self._about.add(youth_id)

    async def flush(self, tx: Tx, now: datetime) -> None:
        await conversation.save(tx, now, list(self.moved.values()))
        await response.keep(tx, now, self.answers)
        await inbox.keep(tx, now, self.words)
        await response.keep_back(tx, now, self.kept_back)
        await message.queue(tx, now, self.drafts)
        self.drafts, self.answers, self.moved, self.words, self.kept_back = [], [], {}, [], []
        self._about.clear()


@dataclass(slots=True)
class Visit:
    """A known person's tap or text, with what was said so far in answer."""

    tx: Tx
    now: datetime
    who: Person
    came: Incoming
    writings: Writings
    after: Aftermath
    answered: bool = False
    said: int = 0  # messages queued so far: the key of each is its own
    # Words of distress (`bot.distress`): what they speak of, the question that waits already, when
    # its card was shown, and what became of what was written.
    heard: tuple[str, ...] = ()
    asked: Question | None = None
    card_at: datetime | None = None
    addressed: bool = False  # to the educator
    unnamed: bool = False  # in an anonymous survey
    set_aside: int = 0  # the exercise that pauses

    async def flush(self) -> None:
        """Write what concerns this youth, before something that asks the database for it."""
        if self.writings.concern(self.who.youth.id):
            await self.writings.flush(self.tx, self.now)

    @property
    def about(self) -> About:
        return About(
            language=self.language,
            nickname=self.who.youth.nickname,
            educator=self.who.educator,
            now=self.local_now,
            reading=self.who.structure.reading_hours,
        )

    @property
    def language(self) -> str:
        """The words to speak in: a language, and in French « tu » or « vous »."""
        return spoken(self.who.youth.language, self.who.youth.form, self.who.structure.form)

    @property
    def local_now(self) -> datetime:
        return self.now.astimezone(self.who.structure.tz)

    @property
    def phrases(self) -> Phrases:
        """The words that scripts share; before free text, when somebody reads."""
        return self.about.phrases

    def say(self, key: str, **facts: Any) -> str:
        return self.about.say(key, **facts)

    def button(self, key: str, *act: str, **facts: Any) -> Button:
        return Button(self.say(key, **facts), act)

    def tell(
        self,
        key: str,
        rows: Rows = (),
        *,
        with_menu: bool = False,
        edit: bool = False,
        passing: bool = False,
        once: str = "",
        **facts: Any,
    ) -> None:
        """Answer with one sentence of the interface."""
        self.show(
            Screen(self.say(key, **facts), rows, menu=menu(self.about) if with_menu else ()),
            edit=edit,
            passing=passing,
            once=once,
        )

    def show(
        self,
        screen: Screen,
        *,
        edit: bool = False,
        passing: bool = False,
        once: str = "",
        priority: int = message.REPLY,
    ) -> None:
        """Answer with a screen; `edit` puts it in the place of the one that was tapped, and a
        `passing` one leaves no row behind once it is sent. What comes with the same `once` is
        answered once (several photos sent together)."""
        place = self.came.message_id if edit and self.came.kind == "tap" else None
        kind = "passing" if passing else "screen"
        self._queue(kind, screen.to_json(), priority, place, once, screen)

    def show_help(self, heard: Sequence[str] = ()) -> None:
        """All the help numbers, or those for what was heard."""
        self._queue("card", {"heard": list(heard)} if heard else {}, message.HELP, None)

    def show_question(self, params: dict[str, Any]) -> None:
        """« Je préviens Nadia ? », told from the moment when it has left (`records.question`)."""
        self._queue("question", params, message.HELP, None)

    def wipe(self, *, hide: bool) -> None:
        """Empty the chat, once this is committed (`bot.wiping`)."""
        with_menu = self.who.confirmed and self.who.youth.closed_at is None
        self._queue("wipe", {"hide": hide, "menu": with_menu}, message.REPLY, None)

    def notice(self, key: str, **facts: Any) -> None:
        """A word above the chat, in answer to a tap."""
        if self.came.tap_id and not self.answered:
            self.after.answers.append((self.came.tap_id, self.say(key, **facts)))
            self.answered = True

    def close_tap(self) -> None:
        if self.came.tap_id and not self.answered:
            self.after.answers.append((self.came.tap_id, ""))
            self.answered = True

    def address(self, kind: str, text: str) -> int:
        """Put words where the educator reads them; the item's identifier."""
        of = self.who.youth
        said = inbox.Said(new_id(), of.structure_id, of.id, kind, text)
        self.writings.words.append(said)
        self.writings.note(of.id)
        return said.id

    def keep_back(self, conversation_id: int) -> None:
        """Show the answers of one exercise to nobody: asked for something that is not theirs, it
        changes nothing."""
        self.writings.kept_back.append((self.who.youth.id, conversation_id))
        self.writings.note(self.who.youth.id)

    def _queue(
        self,
        kind: str,
        params: dict[str, Any],
        priority: int,
        edits: int | None = None,
        once: str = "",
        screen: Screen | None = None,
    ) -> None:
        """Queue a reply; it leaves at once where nothing else is due to this youth, and there is
        a permit. What may be there already, under the same `once`, is not sent again."""
        phone, at_once = self.who.contact, self.writings.at_once
        own = f"reply:{phone.bot_id}:{self.came.update_id}:{self.said}"
        first = not self.who.expects and not once and at_once.take(phone.youth_id)
        draft = message.Draft(
            phone.structure_id,
            phone.bot_id,
            phone.youth_id,
            kind,
            self.now,
            self.now + message.REPLY_LIFE,
            params,
            contact_id=phone.id,
            priority=priority,
            edits=edits,
            channel=phone.channel,
            key=f"together:{phone.id}:{once}" if once else own,
            **(message.claimed(at_once.held_until) if first else {}),
        )
        if first:
            self.writings.leaving.append(_due(draft, self.who, screen))
        self.who.expects = True
        self.writings.drafts.append(draft)
        self.writings.note(phone.youth_id)
        self.said += 1


def _due(draft: message.Draft, who: Person, screen: Screen | None) -> Due:
    """A reply that leaves at once needs no look at the database: it was decided just now."""
    assert draft.id is not None
    assert draft.bot_id is not None
    facts = Facts(
        kind=draft.kind,
        purpose=None,
        unasked=False,
        due_at=draft.due_at,
        not_after=draft.not_after,
        contact_state=who.contact.state,
        given=who.given,
        regime_satisfied=True,
        paused=False,
        closed=False,
    )
    return Due(
        draft.id,
        draft.claim,
        draft.kind,
        draft.params,
        facts,
        draft.bot_id,
        draft.channel,
        draft.contact_id,
        who.contact.address,
        who.youth,
        who.educator,
        who.structure,
        edits=draft.edits,
        priority=draft.priority,
        screen=screen,
    )


def rows(*lines: Sequence[Button]) -> Rows:
    return tuple(tuple(line) for line in lines)
