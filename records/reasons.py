"""Why a message waits, and how it ended: the whole vocabulary, by state (docs/reasons.md).

It is closed. Whatever writes a reason is typed with it, so that `mypy` refuses any other word, a
channel's own included; a test refuses a code without its sentence, its next step or its line in
the guide. A message that was sent needs no reason, unless it may have arrived twice.
"""

from typing import Literal, get_args

Held = Literal[  # it waits
    "quiet_hours",
    "weekly_budget",
    "one_thing_at_a_time",
    "uncertain",  # it may have left: it is repeated, once
    "rate_limited",
    "telegram_error",
    "network",
    "bot_revoked",
    "bot_taken_over",
    "no_bot",
]
Dropped = Literal[  # it lost its meaning, or somebody wanted it so
    "expired",
    "no_window_in_time",
    "weekly_budget",
    "closed",
    "paused",
    "refused",
    "not_asked",
    "to_ask_again",
    "nothing_to_ask",
    "taken_up",
    "withdrawn",
    "parental_agreement_missing",
    "no_phone",
    "unconfirmed",
    "unlinked",
    "unreachable",
    "meeting_cancelled",
    "meeting_moved",
    "said_no",
    "already_answered",
    "cancelled_by_staff",
    "called_off",
    "left_uncertain",
    "restored",
    "course_paused",
    "course_stopped",
    "moved_on",  # skipped, or done already
    "condition_unmet",
    "after_end",
]
Lost = Literal[  # refused, and this phone can be reached no more
    "blocked",
    "deactivated",
    "chat_not_found",
    "chat_migrated",
    "never_started",
    "forbidden",
]
Refused = Literal[Lost, "message_refused", "too_long", "unrenderable"]  # refused for good
Doubt = Literal["no_reply", "interrupted"]  # uncertain: somebody decides
Twice = Literal["repeated"]  # sent, for the second time perhaps

Reason = Literal[Held, Dropped, Refused, Doubt, Twice]
Because = Literal[Reason, ""]  # or nothing in particular

BY_STATE: dict[str, tuple[Reason, ...]] = {
    "waiting": get_args(Held),
    "dropped": get_args(Dropped),
    "refused": get_args(Refused),
    "uncertain": get_args(Doubt),
    "sent": get_args(Twice),
}
