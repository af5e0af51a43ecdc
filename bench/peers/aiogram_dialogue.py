"""aiogram-dialog with its memory storage: one window whose getter gives text and choices.

Updates are tasks, each chat in order (aiogram-dialog's own isolation). The message is edited after
words too, which spares it a call that its default would make. Source: its documentation,
« Quick start », « Select » and « MessageInput ».
"""

import asyncio
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, Message, Update
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode, Window, setup_dialogs
from aiogram_dialog.api.entities import DialogUpdate
from aiogram_dialog.api.protocols import BgManagerFactory
from aiogram_dialog.utils import intent_callback_data
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Column, Select
from aiogram_dialog.widgets.text import Format

from bench.peers.track import Play, Steps, Watch, race
from bench.task import Task

AT_ONCE = 100  # updates under way: as many as one getUpdates brings, and as Relais takes


class Exercise(StatesGroup):
    asking = State()


class Exercises:
    """Step and answers are in the dialog's own data."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def dialog(self) -> Dialog:
        choices = Select(
            Format("{item[1]}"),
            id="choice",
            item_id_getter=lambda item: item[0],
            items="choices",
            on_click=self._tapped,
        )
        window = Window(
            Format("{text}"),
            Column(choices),
            MessageInput(self._said),
            state=Exercise.asking,
            getter=self._screen,
        )
        return Dialog(window, on_start=self._started)

    async def _started(self, _data: Any, manager: DialogManager) -> None:
        manager.dialog_data["answers"] = []

    async def _screen(self, dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
        answers = dialog_manager.dialog_data["answers"]
        screen = self._play(dialog_manager).screens[len(answers)]
        return {"text": screen.text, "choices": list(enumerate(screen.choices))}

    async def _tapped(
        self, _query: CallbackQuery, _select: Any, manager: DialogManager, choice: str
    ) -> None:
        answers = manager.dialog_data["answers"]
        answers.append(self._play(manager).screens[len(answers)].choices[int(choice)])
        manager.show_mode = ShowMode.EDIT

    async def _said(self, message: Message, _input: Any, manager: DialogManager) -> None:
        manager.dialog_data["answers"].append(message.text)
        manager.show_mode = ShowMode.EDIT

    def _play(self, manager: DialogManager) -> Play:
        return self._steps.plays[manager.event.from_user.id]


async def open_all(bot: Bot, dialogs: BgManagerFactory, steps: Steps, api: str) -> None:
    """Open everyone's dialog before the clock starts, and write updates with its buttons."""
    intents = {}
    for chat in steps.plays:
        async with dialogs.bg(bot, user_id=chat, chat_id=chat).fg() as manager:
            await manager.start(Exercise.asking, mode=StartMode.RESET_STACK)
            intents[chat] = manager.current_context().id

    def data_of(play: Play, _nth: int, choice: int) -> str:
        return str(intent_callback_data(intents[play.chat], f"choice:{choice}"))

    steps.load(api, data_of)


async def contender(task: Task, watch: Watch) -> None:
    steps = Steps(task.steps)
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(Exercises(steps).dialog())
    dialogs = setup_dialogs(dispatcher)

    @dispatcher.startup()
    async def prepared(bot: Bot) -> None:
        await open_all(bot, dialogs, steps, task.api)

    @dispatcher.update.outer_middleware()
    async def counted(handle: Any, update: Update, data: dict[str, Any]) -> Any:
        result = await handle(update, data)
        if not isinstance(update, DialogUpdate):  # that is how a dialog is opened
            watch.one_more()
        return result

    session = AiohttpSession(api=TelegramAPIServer.from_base(task.api))
    async with Bot(task.token, session=session) as bot, asyncio.TaskGroup() as group:
        polling = dispatcher.start_polling(
            bot, handle_signals=False, tasks_concurrency_limit=AT_ONCE
        )
        group.create_task(polling)
        await watch.finished.wait()
        await dispatcher.stop_polling()


if __name__ == "__main__":
    race(contender)
