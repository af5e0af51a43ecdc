"""What is remembered, and its rules: one file a noun, verbs beside the table they touch.

Verbs are coroutines that take a `Tx` first and `now` as an argument: nothing here reads a clock,
opens a transaction of its own, or talks to a network. Importing this package makes every table
known to `records.database.metadata`.
"""

from records import (  # noqa: F401  (each import declares its tables)
    alert,
    appointment,
    audit,
    consent,
    consent_text,
    contact,
    conversation,
    cover,
    due,
    erased,
    erasure,
    inbox,
    invitation,
    mail_server,
    mailbox,
    message,
    notification,
    outbox,
    outgoing,
    pace,
    person,
    question,
    receipt,
    reception,
    reminders,
    response,
    second_factor,
    sign_in,
    staff,
    standby,
    structure,
    survey,
    takeaway,
    transfer,
    youth,
)
