"""python-telegram-bot's own ConversationHandler, with PicklePersistence as it comes: everything in
memory, written to a file once a minute and at the end. Source: its examples, « persistent bot »."""

from warnings import filterwarnings

from telegram import Update
from telegram.ext import (
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)
from telegram.warnings import PTBUserWarning

from bench.peers.track import Steps, Watch, race
from bench.peers.usual_dialogue import played, shown
from bench.task import Task

# As python-telegram-bot's own examples do: the buttons are many messages', and that is meant.
filterwarnings("ignore", message=".*CallbackQueryHandler", category=PTBUserWarning)
ASKING = 1
Context = ContextTypes.DEFAULT_TYPE


class Exercises:
    """The state of a conversation and its answers are in `user_data`."""

    def __init__(self, steps: Steps, watch: Watch) -> None:
        self._steps, self._watch = steps, watch

    async def tapped(self, update: Update, context: Context) -> int:
        query = update.callback_query
        assert query is not None
        assert query.data is not None
        play = self._steps.plays[query.from_user.id]
        step, choice = map(int, query.data.split(":"))
        if step == self._step(context):
            following = self._took(context, play.screens[step].choices[choice])
            await query.answer()
            text, markup = shown(play, following)
            await query.edit_message_text(text, reply_markup=markup)
        self._watch.one_more()
        return self._state(step + 1, len(play.deeds))

    async def said(self, update: Update, context: Context) -> int:
        assert update.message is not None
        play = self._steps.plays[update.message.chat_id]
        following = self._took(context, update.message.text or "")
        text, markup = shown(play, following)
        await update.message.reply_text(text, reply_markup=markup)
        self._watch.one_more()
        return self._state(following, len(play.deeds))

    def _step(self, context: Context) -> int:
        assert context.user_data is not None
        return len(context.user_data.setdefault("answers", []))

    def _took(self, context: Context, value: str) -> int:
        assert context.user_data is not None
        context.user_data.setdefault("answers", []).append(value)
        return self._step(context)

    def _state(self, step: int, last: int) -> int:
        return ConversationHandler.END if step == last else ASKING


async def contender(task: Task, watch: Watch) -> None:
    steps = Steps(task.steps)
    steps.load(task.api, lambda _play, nth, choice: f"{nth}:{choice}")
    exercises = Exercises(steps, watch)
    persistence = PicklePersistence(filepath=task.database)
    building = ApplicationBuilder().token(task.token).base_url(f"{task.api}/bot")
    application = building.persistence(persistence).build()
    handlers: list[BaseHandler[Update, Context, object]] = [
        CallbackQueryHandler(exercises.tapped),
        MessageHandler(filters.TEXT, exercises.said),
    ]
    application.add_handler(
        ConversationHandler(
            entry_points=handlers,
            states={ASKING: handlers},
            fallbacks=[],
            name="exercise",
            persistent=True,
        )
    )
    await played(application, watch)


if __name__ == "__main__":
    race(contender)
