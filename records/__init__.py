"""What is remembered, and its rules: one file a noun, verbs beside the table they touch.

Verbs are coroutines that take a `Tx` first and `now` as an argument: nothing here reads a clock,
opens a transaction of its own, or talks to a network. Importing this package makes every table
known to `records.database.metadata`.
"""

from records import (  # noqa: F401  (each import declares its tables)
    appointment,
    audit,
    consent,
    contact,
    conversation,
    cover,
    due,
    inbox,
    invitation,
    message,
    outbox,
    outgoing,
    pace,
    person,
    reception,
    reminders,
    response,
    staff,
    structure,
    survey,
    transfer,
    youth,
)
