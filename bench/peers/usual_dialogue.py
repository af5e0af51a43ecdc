"""The usual durable dialogue: python-telegram-bot, one ORM commit an update, then the answer.

Updates are handled one after another: python-telegram-bot's default, and the only way that keeps
the order of a chat. The conversation is a row; each answer is a row beside it.
"""

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bench.peers.track import Play, Steps, Watch, race
from bench.peers.usual_sending import engine_at
from bench.task import Task

Context = ContextTypes.DEFAULT_TYPE


class Base(DeclarativeBase):
    pass


class Conversation(Base):
    __tablename__ = "conversation"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    step: Mapped[int] = mapped_column(Integer)


class Answer(Base):
    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    step: Mapped[int] = mapped_column(Integer)
    value: Mapped[str] = mapped_column(String)


class Exercises:
    """One step an update: state and answer committed, then the next screen."""

    def __init__(
        self, steps: Steps, sessions: async_sessionmaker[AsyncSession], watch: Watch
    ) -> None:
        self._steps, self._sessions, self._watch = steps, sessions, watch

    async def tapped(self, update: Update, _context: Context) -> None:
        query = update.callback_query
        assert query is not None
        assert query.data is not None
        step, choice = map(int, query.data.split(":"))
        play = self._steps.plays[query.from_user.id]
        if await self._took(play, play.screens[step].choices[choice], step):
            await query.answer()
            text, markup = shown(play, step + 1)
            await query.edit_message_text(text, reply_markup=markup)
        self._watch.one_more()

    async def said(self, update: Update, _context: Context) -> None:
        assert update.message is not None
        play = self._steps.plays[update.message.chat_id]
        step = await self._took(play, update.message.text or "")
        if step:
            text, markup = shown(play, step)
            await update.message.reply_text(text, reply_markup=markup)
        self._watch.one_more()

    async def _took(self, play: Play, value: str, step: int | None = None) -> int:
        """The step that follows, or 0 when the button is an old one."""
        async with self._sessions.begin() as session:
            talk = await session.get_one(Conversation, play.chat)
            if step not in (None, talk.step):
                return 0
            session.add(Answer(chat_id=play.chat, step=talk.step, value=value))
            talk.step += 1
            return talk.step


def shown(play: Play, step: int) -> tuple[str, InlineKeyboardMarkup | None]:
    screen = play.screens[step]
    rows = [
        [InlineKeyboardButton(label, callback_data=f"{step}:{place}")]
        for place, label in enumerate(screen.choices)
    ]
    return screen.text, InlineKeyboardMarkup(rows) if rows else None


async def played(application: "Application", watch: Watch) -> None:  # type: ignore[type-arg]
    """Poll until the last step is answered."""
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling()
        await watch.finished.wait()
        await application.updater.stop()
        await application.stop()


async def contender(task: Task, watch: Watch) -> None:
    engine, steps = engine_at(task.database), Steps(task.steps)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with sessions.begin() as session:
        session.add_all(Conversation(chat_id=chat, step=0) for chat in steps.plays)
    steps.load(task.api, lambda _play, nth, choice: f"{nth}:{choice}")
    exercises = Exercises(steps, sessions, watch)
    application = ApplicationBuilder().token(task.token).base_url(f"{task.api}/bot").build()
    application.add_handler(CallbackQueryHandler(exercises.tapped))
    application.add_handler(MessageHandler(filters.TEXT, exercises.said))
    await played(application, watch)
    await engine.dispose()


if __name__ == "__main__":
    race(contender)
