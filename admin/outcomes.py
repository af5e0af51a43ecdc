"""What became of a message, in French: why, and the next thing to do (docs/reasons.md).

The desk and the command line read the same table; nothing here knows of the web.
"""

from admin.wording import _, marked

# Why a message waits or how it ended (records.reasons), and what to do next.
REASONS: dict[str, tuple[str, str]] = {
    # It waits
    "quiet_hours": (
        marked("ce n'est pas une heure d'envoi."),
        marked("Il partira de lui-même à l'heure dite."),
    ),
    "weekly_budget": (
        marked("le nombre de messages par semaine est atteint pour ce jeune."),
        marked("Si cela presse, dites-le de vive voix."),
    ),
    "one_thing_at_a_time": (
        marked("ce jeune est en train de faire un exercice."),
        marked("Il partira de lui-même ensuite."),
    ),
    "uncertain": (
        marked("le premier envoi est peut-être arrivé, peut-être pas."),
        marked("Il est tenté une seconde fois, de lui-même."),
    ),
    "rate_limited": (
        marked("Telegram demande d'attendre un peu."),
        marked("L'envoi reprend de lui-même."),
    ),
    "network": (
        marked("Telegram n'est pas joignable."),
        marked("L'envoi reprend de lui-même."),
    ),
    "telegram_error": (
        marked("Telegram a un incident."),
        marked("L'envoi reprend de lui-même."),
    ),
    "bot_revoked": (
        marked("Telegram ne reconnaît plus le bot."),
        marked("Prévenez la personne qui a installé Relais."),
    ),
    "bot_taken_over": (
        marked("un autre programme utilise le même bot."),
        marked("Prévenez la personne qui a installé Relais."),
    ),
    "no_bot": (
        marked("aucun bot n'est relié à votre structure."),
        marked("Demandez à la personne qui a installé Relais de le relier."),
    ),
    # It was not sent: it lost its meaning, or somebody wanted it so
    "expired": (
        marked("le moment utile était passé."),
        marked("Voyez au prochain rendez-vous s'il faut encore le dire."),
    ),
    "no_window_in_time": (
        marked("aucune heure d'envoi ne restait avant la date limite."),
        marked("Prévoyez-le plus tôt la prochaine fois, ou appelez."),
    ),
    "closed": (marked("l'accompagnement est clos."), marked("Il n'y a rien à faire.")),
    "paused": (
        marked("ce jeune est en pause et ne reçoit que les rappels."),
        marked("Attendez qu'il reprenne, ou parlez-en de vive voix."),
    ),
    "refused": (
        marked("ce jeune a dit non à ce type de message."),
        marked("Son choix est respecté : parlez-en de vive voix."),
    ),
    "not_asked": (
        marked("ce jeune n'a pas encore donné son accord pour ce type de message."),
        marked("Il peut le donner sur son téléphone, dans « Moi »."),
    ),
    "to_ask_again": (
        marked("son accord date d'un autre âge ou d'un autre texte, et lui est redemandé."),
        marked("Parlez-en avec lui : un « oui » sur son téléphone suffit."),
    ),
    "nothing_to_ask": (
        marked("il n'y a plus rien à redemander à ce jeune."),
        marked("Il n'y a rien à faire."),
    ),
    "taken_up": (
        marked("ce jeune y est déjà revenu, ou l'a mis de côté."),
        marked("Il n'y a rien à faire."),
    ),
    "withdrawn": (
        marked("ce jeune a retiré son accord pour ce type de message."),
        marked("Son choix est respecté : parlez-en de vive voix."),
    ),
    "parental_agreement_missing": (
        marked("il manque l'accord d'un parent."),
        marked("Notez-le sur la page du jeune dès que vous l'avez."),
    ),
    "no_phone": (
        marked("aucun téléphone n'est relié."),
        marked("Donnez un lien au prochain rendez-vous."),
    ),
    "unconfirmed": (
        marked("les deux mots ne sont pas confirmés."),
        marked("Comparez-les avec le jeune, puis confirmez."),
    ),
    "unlinked": (
        marked("ce téléphone a été délié."),
        marked("Donnez un nouveau lien quand vous le voulez."),
    ),
    "unreachable": (
        marked("ce téléphone n'est plus joignable."),
        marked("La page du jeune dit pourquoi, et que faire."),
    ),
    "meeting_cancelled": (
        marked("le rendez-vous est annulé."),
        marked("Il n'y a rien à faire."),
    ),
    "meeting_moved": (
        marked("le rendez-vous a changé."),
        marked("Il n'y a rien à faire : les rappels du nouveau moment l'ont remplacé."),
    ),
    "said_no": (
        marked("ce jeune a répondu qu'il ne peut pas venir."),
        marked("Proposez un autre moment."),
    ),
    "already_answered": (
        marked("ce jeune a déjà répondu."),
        marked("Il n'y a rien à faire."),
    ),
    "cancelled_by_staff": (marked("vous l'avez annulé."), marked("Il n'y a rien à faire.")),
    "called_off": (marked("ce jeune n'en veut plus."), marked("Il n'y a rien à faire.")),
    "left_uncertain": (
        marked("vous avez choisi de ne pas le renvoyer."),
        marked("Il n'y a rien à faire."),
    ),
    "restored": (
        marked("une sauvegarde a été restaurée, et il est peut-être déjà parti avant."),
        marked("Voyez avec le jeune s'il l'a reçu."),
    ),
    "course_paused": (
        marked("le parcours est en pause."),
        marked("Il reprendra là où il en était."),
    ),
    "course_stopped": (marked("le parcours est arrêté."), marked("Il n'y a rien à faire.")),
    "moved_on": (
        marked("le parcours est passé à la suite."),
        marked("Il n'y a rien à faire."),
    ),
    "condition_unmet": (
        marked("cette étape n'est proposée que dans certains cas."),
        marked("Il n'y a rien à faire."),
    ),
    "after_end": (
        marked("ce serait après la fin prévue, ou son moment n'existe plus."),
        marked("Changez la date de fin si l'accompagnement continue."),
    ),
    # It was refused for good
    "blocked": (
        marked("ce jeune a bloqué le bot."),
        marked("Parlez-en au prochain rendez-vous : les envois reprennent dès qu'il le débloque."),
    ),
    "deactivated": (
        marked("ce compte Telegram n'existe plus."),
        marked("Proposez un nouveau lien au prochain rendez-vous."),
    ),
    "chat_not_found": (
        marked("cette conversation n'existe plus."),
        marked("Proposez un nouveau lien au prochain rendez-vous."),
    ),
    "chat_migrated": (
        marked("cette conversation est devenue un groupe, et rien n'y est jamais envoyé."),
        marked("Proposez un nouveau lien au prochain rendez-vous."),
    ),
    "never_started": (
        marked("ce jeune n'a jamais ouvert la conversation."),
        marked("Donnez-lui un lien au prochain rendez-vous."),
    ),
    "forbidden": (
        marked("Telegram ne laisse plus écrire à ce téléphone."),
        marked("Proposez un nouveau lien au prochain rendez-vous."),
    ),
    "message_refused": (
        marked("Telegram n'accepte pas ce message."),
        marked(
            "Reformulez-le plus simplement ; si cela se répète, prévenez la personne qui a installé Relais."
        ),
    ),
    "too_long": (marked("il est trop long pour Telegram."), marked("Raccourcissez-le.")),
    "unrenderable": (marked("son contenu n'existe plus."), marked("Proposez autre chose.")),
    # Nobody knows, or it was sent a second time
    "no_reply": (
        marked("la réponse de Telegram s'est perdue."),
        marked("Choisissez de le renvoyer ou de le laisser."),
    ),
    "interrupted": (
        marked("l'envoi a été interrompu."),
        marked("Choisissez de le renvoyer ou de le laisser."),
    ),
    "repeated": (
        marked("le premier envoi était peut-être déjà arrivé."),
        marked("Il n'y a rien à faire."),
    ),
}

_SOME_REASON = marked(
    "une raison inattendue (%(reason)s). Réessayez, ou prévenez la personne qui a installé Relais."
)

# What became of it; `reason` is why, with the next step.
_STATES = {
    "waiting": marked("Prévu."),
    "claimed": marked("En train de partir."),
    "sent": marked("Envoyé."),
    "uncertain": marked("Peut-être remis : %(reason)s"),
    "refused": marked("Pas remis : %(reason)s"),
    "dropped": marked("Pas envoyé : %(reason)s"),
}
_HELD = marked("Attend : %(reason)s")
_TWICE = marked("Envoyé une seconde fois : %(reason)s")

# Dropped because somebody wanted it so, or because something else took its place.
WANTED = frozenset(
    {
        "meeting_cancelled",
        "meeting_moved",
        "said_no",
        "already_answered",
        "cancelled_by_staff",
        "called_off",
        "left_uncertain",
        "closed",
        "unlinked",
        "withdrawn",
        "nothing_to_ask",
        "taken_up",
        "course_paused",
        "course_stopped",
        "moved_on",
        "condition_unmet",
        "after_end",
    }
)


def reason_words(reason: str | None) -> str:
    """Why, with what to do next; it continues a sentence."""
    if not reason:
        return _("la raison n'est pas connue.")
    if reason not in REASONS:
        return _(_SOME_REASON, reason=reason)
    why, then = REASONS[reason]
    return f"{_(why)} {_(then)}"


def next_step(reason: str | None) -> str | None:
    """The next thing to do, where there is a reason."""
    return _(REASONS[reason][1]) if reason in REASONS else None


def status(message_state: str, reason: str | None) -> str:
    """What became of a message, and the next thing to do."""
    if message_state == "uncertain" and reason not in REASONS:
        reason = "no_reply"  # rows of before the vocabulary was closed
    if reason == "left_uncertain":
        message_state = "uncertain"  # nobody will ever know whether the first one arrived
    states = _STATES | ({"waiting": _HELD, "sent": _TWICE} if reason else {})
    return _(states[message_state], reason=reason_words(reason))


def worth_telling(message_state: str, reason: str | None) -> bool:
    """Whether a message that ended this way calls for somebody."""
    return message_state in ("refused", "uncertain") or (
        message_state == "dropped" and reason not in WANTED
    )
