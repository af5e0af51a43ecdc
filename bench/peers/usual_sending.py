"""The usual durable stack: python-telegram-bot's own Bot, due rows through an ORM, a commit each.

SQLite runs as Relais runs it (WAL, synchronous=FULL). Sources: the wikis of python-telegram-bot
and « Asynchronous I/O » in SQLAlchemy's documentation.
"""

import asyncio
import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, String, event, func, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode

from bench.peers.track import Watch, race
from bench.task import Task

BATCH = 100
LOOK_AGAIN = 0.05  # seconds between two looks for what has fallen due


class Base(DeclarativeBase):
    pass


class Reminder(Base):
    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(String)
    keyboard: Mapped[str] = mapped_column(String)
    due_at: Mapped[datetime] = mapped_column(DateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime)
    message_id: Mapped[int | None] = mapped_column(BigInteger)


def engine_at(path: str) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


async def send_all(session: AsyncSession, bot: Bot, watch: Watch) -> None:
    """One message after the other, as they fall due, until nothing waits."""
    waiting = Reminder.sent_at.is_(None)
    while await session.scalar(select(func.count()).where(waiting)):
        now = watch.clock.now().replace(tzinfo=None)
        due = select(Reminder).where(waiting, Reminder.due_at <= now).order_by(Reminder.due_at)
        reminders = (await session.scalars(due.limit(BATCH))).all()
        for reminder in reminders:
            sent = await bot.send_message(
                reminder.chat_id,
                reminder.text,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=markup(reminder.keyboard),
            )
            reminder.sent_at, reminder.message_id = now, sent.message_id
            await session.commit()
            watch.one_more()
        if not reminders:
            await asyncio.sleep(LOOK_AGAIN)


def markup(keyboard: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=data) for label, data in row]
            for row in json.loads(keyboard)
        ]
    )


async def contender(task: Task, watch: Watch) -> None:
    engine = engine_at(task.database)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with Bot(task.token, base_url=f"{task.api}/bot") as bot, sessions() as session:
        await send_all(session, bot, watch)
    await engine.dispose()


if __name__ == "__main__":
    race(contender)
