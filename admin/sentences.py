"""Every code that the records raise, and how the bot is doing, as a sentence in French.

A sentence says what happened and the next thing to do; what became of a message is in
`admin.outcomes`. The desk and the command line read the same table; nothing here knows of the web.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from admin.wording import gettext, marked

ERRORS = {
    # A youth
    "youth_unknown": marked(
        "Aucun jeune ne correspond. Vérifiez le code, ou cherchez dans la liste."
    ),
    "youth_ambiguous": marked("Ce code existe dans plusieurs structures. Précisez la structure."),
    "youth_closed": marked("Cet accompagnement est clos : plus rien ne peut être prévu ni envoyé."),
    "alert_waits": marked(
        "Une alerte attend au sujet de ce jeune : clore maintenant l'effacerait, et personne ne "
        "la verrait plus. Ouvrez « Aujourd'hui », lisez-la, puis « Je m'en occupe ». Pour clore "
        "sans la lire : relais youth close %(code)s --forget-alert."
    ),
    "nickname_missing": marked(
        "Il manque un prénom ou un surnom. Écrivez celui que le jeune choisit."
    ),
    "nickname_length": marked(
        "Ce prénom ou ce surnom est trop long. Écrivez-le en %(limit)s caractères au plus."
    ),
    "birth_month_malformed": marked(
        "Choisissez le mois, et écrivez l'année en quatre chiffres, par exemple 2009."
    ),
    "age_outside": marked(
        "Relais s'adresse aux jeunes de %(low)s à %(high)s ans. Vérifiez le mois et l'année."
    ),
    "referral_way_unknown": marked(
        "Choisissez une voie de repérage dans la liste, ou laissez vide."
    ),
    # A phone
    "contact_unknown": marked("Ce téléphone n'est plus relié. Rechargez la page."),
    "alert_unknown": marked("Cette alerte n'existe plus."),
    "alert_minutes_range": marked("Indiquez de %(low)s à %(high)s minutes."),
    "standby_unfit": marked(
        "Choisissez un éducateur ou une éducatrice de la même structure, dont le compte est ouvert."
    ),
    "standby_oneself": marked(
        "Choisissez quelqu'un d'autre : on ne prend pas le relais de soi-même."
    ),
    "alert_rule_missing": marked(
        "Votre structure n'a pas encore choisi sa règle d'alerte pour les mineurs. Demandez à la coordination de la choisir : les invitations s'ouvriront ensuite."
    ),
    "too_young_for_telegram": marked(
        "Telegram demande %(minimum)s ans, d'après le réglage de votre structure. Ce jeune passera par la page de discussion de la structure, dès qu'elle sera ouverte. D'ici là, suivez-le au bureau : ses rendez-vous se notent ici, et se donnent sur papier."
    ),
    "no_bot": marked(
        "Aucun bot n'est relié à votre structure. Demandez à la personne qui a installé Relais de le relier, puis réessayez."
    ),
    "bot_name_unknown": marked(
        "Telegram ne répond pas : le lien ne peut pas encore être fait. Réessayez dans un instant."
    ),
    "link_unknown": marked("Ce lien n'existe pas. Créez-en un nouveau."),
    "link_too_young": marked(
        "Ce jeune est trop jeune pour Telegram, d'après le réglage de votre structure."
    ),
    "link_used": marked("Ce lien a déjà servi. Créez-en un nouveau."),
    "link_expired": marked("Ce lien a expiré. Créez-en un nouveau."),
    "phone_already_linked": marked(
        "Ce téléphone est déjà relié. Déliez-le d'abord, s'il a changé de mains."
    ),
    "nothing_to_confirm": marked(
        "Aucun téléphone n'attend de confirmation. Le jeune doit d'abord ouvrir son lien."
    ),
    "words_differ": marked(
        "Ce ne sont pas les mêmes deux mots. Ne confirmez pas : déliez ce téléphone, et donnez un nouveau lien."
    ),
    # Consent
    "purpose_unknown": marked("Cet usage n'existe pas : %(purpose)s."),
    "agreement_for_nothing": marked(
        "Cochez au moins un usage : l'accord vaut pour ce qui est coché."
    ),
    "disagreement_for_nothing": marked("Cochez ce qui est retiré."),
    "agreement_before_birth": marked("Ce jour est d'avant sa naissance. Vérifiez l'année."),
    # A course
    "course_unknown": marked("Ce parcours n'existe pas. Choisissez-en un dans la liste."),
    "course_missing": marked("Choisissez un parcours."),
    "course_under_way": marked(
        "Un parcours est déjà en cours pour ce jeune. Arrêtez-le d'abord, ou attendez sa fin."
    ),
    "course_none_under_way": marked("Aucun parcours n'est en cours pour ce jeune."),
    "course_without_end": marked(
        "Aucune fin n'est prévue pour ce jeune. Notez-la d'abord, ou choisissez un autre début."
    ),
    "course_without_meeting": marked(
        "Aucun rendez-vous n'est prévu avec ce jeune. Prévoyez-le d'abord, ou choisissez un autre début."
    ),
    "course_days_count": marked("Écrivez un nombre de jours entre %(low)s et %(high)s."),
    "course_not_active": marked(
        "Ce parcours n'est pas en cours : il n'y a rien à mettre en pause."
    ),
    "course_not_paused": marked("Ce parcours n'est pas en pause : il n'y a rien à reprendre."),
    "course_paused_by_youth": marked(
        "Ce jeune a mis son parcours en pause : lui seul le reprend. Parlez-en avec lui."
    ),
    "course_over": marked("Ce parcours est déjà arrêté."),
    "rhythm_without_days": marked("Cochez au moins un jour."),
    "rhythm_never_open": marked(
        "Rien ne part à cette heure-là l'un des jours choisis. Choisissez une autre heure ou un autre jour."
    ),
    # A meeting
    "appointment_unknown": marked("Ce rendez-vous n'existe pas."),
    "in_the_past": marked("Ce moment est déjà passé. Choisissez-en un à venir."),
    "too_far_ahead": marked("C'est trop loin : choisissez une date dans les %(years)s ans."),
    "wall_time_skipped": marked(
        "Cette heure n'existe pas ce jour-là : on passe à l'heure d'été. Choisissez une heure plus tard."
    ),
    "duration_range": marked("Indiquez une durée de %(low)s à %(high)s minutes."),
    "place_length": marked("Le lieu tient en %(limit)s caractères au plus."),
    "slots_count": marked("Proposez %(limit)s autres moments au plus."),
    "ladder_rung": marked("Ce rappel n'existe pas : %(rung)s. Exemples : now, 7d, 1d, 3h."),
    "meeting_already_cancelled": marked(
        "Ce rendez-vous est déjà annulé. Vous pouvez en prévoir un autre."
    ),
    "changed_meanwhile": marked(
        "Ce rendez-vous vient d'être changé par quelqu'un d'autre. Voici où il en est : vérifiez, puis recommencez si besoin."
    ),
    # A message
    "message_unknown": marked("Ce message n'existe pas."),
    "text_length": marked("Écrivez un message de 1 à %(limit)s caractères."),
    "already_left": marked("Ce message est déjà parti : il ne peut plus être repris."),
    "nothing_uncertain": marked("Ce message est déjà réglé. Il n'y a rien à décider."),
    "period_unknown": marked("Cette durée ne se règle pas. Au choix : %(names)s."),
    "period_range": marked("Indiquez de %(low)s à %(high)s jours."),
    "response_unknown": marked("Cette réponse n'existe pas, ou n'existe plus."),
    "receipt_unknown": marked(
        "Aucun reçu ne porte ce code. Vérifiez chaque signe, ou demandez-le à nouveau."
    ),
    "takeaway_gone": marked("Ce lien ne marche plus."),
    "language_not_spoken": marked(
        "Cette langue n'est pas une langue de Relais. Au choix : %(languages)s."
    ),
    "inbox_item_unknown": marked("Ce message n'existe plus."),
    # Staff and structure
    "staff_unknown": marked("Aucun compte ne porte cet identifiant."),
    "staff_disabled": marked("Ce compte est fermé."),
    "not_an_educator": marked(
        "%(login)s n'est pas éducateur ou éducatrice : un autre compte ne peut pas accompagner."
    ),
    "colleague_elsewhere": marked(
        "%(login)s travaille dans une autre structure. Choisissez quelqu'un de la même."
    ),
    # Absence and transfer
    "cover_unknown": marked("Ce remplacement n'existe pas. Cherchez-le dans la liste."),
    "cover_same_person": marked("On ne se remplace pas soi-même. Choisissez un ou une collègue."),
    "cover_reversed": marked("La fin doit venir après le début. Vérifiez les deux moments."),
    "cover_too_long": marked(
        "Un remplacement dure %(days)s jours au plus. Au-delà, transmettez les jeunes à la personne qui prend la suite."
    ),
    "cover_overlaps": marked(
        "Quelqu'un remplace déjà %(name)s à ce moment-là. Mettez d'abord fin à ce remplacement, ou choisissez un autre moment."
    ),
    "cover_by_absent": marked(
        "%(name)s sera aussi en absence à ce moment-là. Choisissez quelqu'un d'autre."
    ),
    "cover_covers_then": marked(
        "%(name)s remplace déjà quelqu'un à ce moment-là. Mettez d'abord fin à ce remplacement, ou confiez-le à quelqu'un d'autre."
    ),
    "cover_over": marked("Ce remplacement est déjà fini."),
    "transfer_same": marked("%(name)s accompagne déjà."),
    "role_unknown": marked(
        "Ce rôle n'existe pas : %(role)s. Choisissez educator, coordinator ou evaluator."
    ),
    "login_malformed": marked("Un identifiant a de 2 à 64 caractères, sans espace."),
    "login_taken": marked("L'identifiant %(login)s est déjà pris. Choisissez-en un autre."),
    "staff_name_length": marked(
        "Indiquez le prénom que les jeunes liront, de %(limit)s caractères au plus."
    ),
    "password_length": marked(
        "Il faut de %(low)s à %(high)s caractères, et ce mot de passe en compte %(length)s. Une phrase convient très bien."
    ),
    "password_common": marked(
        "Ce mot de passe est trop connu : il serait essayé parmi les premiers. Choisissez-en un autre, par exemple une phrase qui n'est qu'à vous."
    ),
    "password_of_the_house": marked(
        "Ce mot de passe se devine : il repose sur votre nom, votre identifiant, celui de la structure ou de Relais. Choisissez-en un autre, par exemple une phrase qui n'est qu'à vous."
    ),
    "password_same": marked("C'est déjà votre mot de passe. Choisissez-en un autre."),
    "second_factor_missing": marked("Ce compte n'a pas de deuxième étape de connexion."),
    "second_factor_unknown": marked(
        "Cette règle n'existe pas : %(rule)s. Choisissez parmi %(rules)s."
    ),
    "checkin_unknown": marked(
        "Cela ne se lit pas. Les prises de nouvelles : %(names)s. Écrivez par exemple week=ven, before=yes ou mood=none."
    ),
    "survey_unknown": marked(
        "Cela ne se lit pas. Les questionnaires : %(names)s. Écrivez par exemple meeting=yes ou end=none."
    ),
    "objective_set_already": marked("Cet objectif est déjà suivi."),
    "objectives_count": marked(
        "Ce jeune suit déjà %(limit)s objectifs. Finissez-en un avant d'en ajouter."
    ),
    "objective_reviewed_before": marked("La revue vient après le jour où l'objectif est choisi."),
    "objective_unknown": marked("Cet objectif n'est pas suivi."),
    "structure_unknown": marked("Cette structure n'existe pas."),
    "structure_exists": marked("Une structure porte déjà ce nom : %(name)s."),
    "structure_name_length": marked("Indiquez un nom de %(limit)s caractères au plus."),
    "structure_kind_unknown": marked(
        "Ce type de structure n'existe pas : %(kind)s. Choisissez csapa, caarud, cjc, prevention_specialisee ou autre."
    ),
    "zone_unknown": marked(
        "Ce fuseau horaire n'existe pas : %(zone)s. Exemples : Europe/Paris, Indian/Reunion."
    ),
    "school_zone_unknown": marked(
        "Cette zone scolaire n'existe pas : %(zone)s. Choisissez parmi %(zones)s."
    ),
    "holidays_unknown": marked(
        "Ce lieu n'a pas de jours fériés à lui : %(place)s. Choisissez none, ou parmi %(places)s."
    ),
    "weekly_budget_range": marked("Indiquez de %(low)s à %(high)s messages par semaine."),
    "window_unknown": marked(
        "Cette plage d'envoi n'existe pas : %(window)s. Choisissez parmi %(windows)s."
    ),
    "window_reversed": marked("Une plage d'envoi finit après son début : vérifiez %(window)s."),
    "window_at_night": marked(
        "Rien ne part la nuit : une plage d'envoi tient entre 7 h et 21 h. Vérifiez %(window)s."
    ),
    "windows_never_open": marked(
        "Avec ces plages, rien ne partirait jamais. Laissez le samedi, ou bien les jours de classe et les autres jours."
    ),
    "minimum_age_range": marked("Indiquez un âge de %(low)s à %(high)s ans."),
    # E-mail
    "email_unreadable": marked(
        "Ce n'est pas une adresse e-mail. Écrivez-la en entier, par exemple prenom@structure.fr."
    ),
    "email_proof_too_soon": marked(
        "Un lien vient de partir à cette adresse. Attendez %(minutes)s minutes avant d'en demander un autre."
    ),
    "email_moment_unknown": marked("Choisissez une réponse dans la liste."),
    "email_hours_range": marked("Indiquez de %(low)s à %(high)s heures."),
    "email_quiet_range": marked("Indiquez de %(low)s à %(high)s minutes."),
    "email_hour_unknown": marked("Écrivez une heure, par exemple « 9 h » ou « 14 h 30 »."),
    "smtp_host_unreadable": marked("Ce n'est pas un nom de serveur. Exemple : smtp.structure.fr."),
    "smtp_security_unknown": marked(
        "Choisissez starttls, tls, ou none sur cette machine même seulement."
    ),
    "smtp_port_range": marked("Un port est un nombre de 1 à 65535. Le plus courant : 587."),
    "smtp_in_clear": marked(
        "Rien n'est envoyé en clair à une autre machine. Choisissez starttls ou tls."
    ),
    "smtp_half_account": marked(
        "Il faut l'identifiant et le mot de passe du serveur, ou aucun des deux."
    ),
    # The installation
    "database_unreachable": marked(
        "La base de données ne répond pas. Vérifiez RELAIS_DATABASE, puis réessayez."
    ),
    "database_missing": marked(
        "Cette base n'existe pas encore : %(file)s. Vérifiez RELAIS_DATABASE, ou créez-la : relais migrate."
    ),
    "already_speaking": marked(
        "Relais est déjà en route avec cette base : %(file)s. Arrêtez l'autre d'abord ; pour plusieurs processus, prenez PostgreSQL."
    ),
    "database_newer": marked(
        "Cette base vient d'une version plus récente de Relais. Installez cette version, ou restaurez une sauvegarde plus ancienne."
    ),
    "database_older": marked("Cette base attend une mise à jour. Lancez : relais migrate."),
    "key_malformed": marked("La clé n'a pas la bonne forme. Créez-en une : relais key new."),
    "key_wrong": marked(
        "Cette clé n'ouvre pas cette base. Remettez dans RELAIS_KEY la clé avec laquelle elle est scellée ; pendant un changement de clé, les deux, la nouvelle d'abord."
    ),
    "key_not_everywhere": marked(
        "Un programme est en route sans la nouvelle clé. Mettez-la en premier dans RELAIS_KEY, devant l'ancienne, redémarrez Relais partout, puis relancez : relais key rotate."
    ),
    "key_still_written": marked(
        "Un programme écrit encore avec une ancienne clé. Redémarrez Relais partout, puis relancez : relais key rotate."
    ),
    "backup_not_one": marked("Ce fichier n'est pas une sauvegarde de Relais. Vérifiez son nom."),
    "backup_altered": marked(
        "Cette sauvegarde a été modifiée ou abîmée : rien n'est restauré. Prenez-en une autre copie."
    ),
    "backup_cut": marked(
        "Cette sauvegarde est incomplète, la fin manque : rien n'est restauré. Prenez-en une autre copie."
    ),
    "backup_key_wrong": marked(
        "Cette sauvegarde a été faite avec une autre clé. Ajoutez-la dans RELAIS_KEY, après la clé d'aujourd'hui et une virgule."
    ),
    "backup_newer": marked(
        "Cette sauvegarde vient d'une version plus récente de Relais (%(revision)s). Installez cette version d'abord."
    ),
    "erased_newer": marked(
        "La liste des effacements vient d'une version plus récente de Relais. Installez cette version d'abord."
    ),
    "sealed_value_altered": marked(
        "Une donnée scellée a été modifiée hors de Relais (%(field)s). Restaurez une sauvegarde."
    ),
}

# What only the desk refuses.
FORMS = {
    "day_unreadable": marked("Écrivez un jour, par exemple « demain », « mardi » ou « 24/11 »."),
    "time_unreadable": marked("Écrivez une heure, par exemple « 14 h 30 »."),
    "slot_unreadable": marked(
        "Un moment par ligne, avec le jour et l'heure. Cette ligne n'a pas été comprise : « %(line)s »."
    ),
    "slot_past": marked(
        "Un des autres moments est déjà passé : « %(line)s ». Choisissez-en un à venir."
    ),
    "slot_far": marked(
        "Un des autres moments est trop loin : « %(line)s ». Choisissez une date dans les %(years)s ans."
    ),
    "slot_skipped": marked(
        "Un des autres moments n'existe pas : « %(line)s ». On passe à l'heure d'été : choisissez une heure plus tard."
    ),
    "minutes_unreadable": marked("Écrivez la durée en minutes, par exemple 45."),
    "school_missing": marked("Choisissez une réponse : elle décide des heures d'envoi."),
    "language_unknown": marked("Choisissez une langue dans la liste."),
    "script_missing": marked("Choisissez ce que vous proposez."),
    "offered_already": marked(
        "Ce questionnaire a déjà été proposé à ce jeune ce trimestre. Il n'est proposé qu'une fois."
    ),
    "same_meeting": marked("Un rendez-vous est déjà prévu avec ce jeune à ce moment-là."),
    "same_text": marked("Ce message est déjà prévu à ce moment-là. Il ne partira qu'une fois."),
    "forbidden_words": marked(
        "Ce message ne peut pas être prévu tel quel : il pourrait s'afficher sur un écran verrouillé. Reformulez ce qui est signalé."
    ),
    "means_missing": marked(
        "Écrivez en quelques mots comment l'accord a été donné, par exemple « par téléphone »."
    ),
    "future_day": marked(
        "Ce jour n'est pas encore venu. Indiquez le jour où l'accord a été donné."
    ),
    "unchanged_time": marked(
        "C'est déjà le jour et l'heure de ce rendez-vous. Choisissez un autre moment."
    ),
    "sign_in_refused": marked(
        "Identifiant ou mot de passe incorrect. Vérifiez les deux, puis réessayez."
    ),
    "too_many_attempts": marked(
        "Trop d'essais. Patientez un quart d'heure, puis réessayez. Si vous avez oublié votre mot de passe, demandez à la coordination d'en créer un nouveau."
    ),
    "code_refused": marked(
        "Ce code n'est pas bon, ou il a déjà servi. Attendez le suivant sur votre téléphone, puis recopiez-le."
    ),
    "too_many_codes": marked(
        "Trop de codes essayés. Patientez un quart d'heure, puis recommencez depuis la connexion."
    ),
    "first_code_refused": marked(
        "Ce code n'est pas celui que l'application devait afficher. Vérifiez que l'heure du téléphone est juste, puis recopiez le code du moment."
    ),
    "not_checked": marked(
        "Vérifiez d'abord qui le demande, puis cochez cette case : n'importe qui pourrait se faire passer pour cette personne."
    ),
    "secret_expired": marked(
        "Cette page était ouverte depuis trop longtemps. Voici un nouveau code à scanner ; effacez le précédent de l'application."
    ),
    "proof_refused": marked("Ce n'est pas ça. Vérifiez ce que vous avez écrit, puis réessayez."),
    "preview_changed": marked(
        "Vous avez changé quelque chose depuis l'aperçu. Le voici à jour : vérifiez, puis enregistrez."
    ),
    "read_again": marked(
        "Voici ce que vous aviez écrit. Rien n'a été enregistré : vérifiez, puis continuez."
    ),
}

# What the desk says after an act.
DONE = {
    "youth_added": marked(
        "C'est noté. Vous pouvez maintenant inviter ce jeune, ou prévoir un rendez-vous."
    ),
    "youth_added_surname": marked(
        "C'est noté. Ce prénom ou surnom ressemble à un nom de famille : si c'en est un, remplacez-le par un surnom que ce jeune choisit, sur son téléphone dans « Moi », ou avec la personne qui a installé Relais."
    ),
    "phone_confirmed": marked("Le téléphone est confirmé. Les messages peuvent partir."),
    "phone_unlinked": marked(
        "Le téléphone est délié : il ne reçoit plus rien. Donnez un nouveau lien quand vous voulez, l'historique est gardé."
    ),
    "end_moved": marked("La fin prévue est enregistrée."),
    "agreement_recorded": marked("L'accord parental est noté."),
    "agreement_withdrawn": marked("Le retrait est noté. Plus rien ne part pour ces usages."),
    "meeting_added": marked("Le rendez-vous est prévu."),
    "meeting_moved": marked("Le rendez-vous est déplacé, et le changement sera annoncé."),
    "meeting_cancelled": marked("Le rendez-vous est annulé."),
    "message_planned": marked("Le message est prévu."),
    "message_cancelled": marked("C'est annulé : ce message ne partira pas."),
    "course_begun": marked("Le parcours est prévu. Voici son calendrier."),
    "course_paused": marked("Le parcours est en pause. Rien ne part d'ici là."),
    "course_resumed": marked("Le parcours reprend, une étape à la fois."),
    "course_stopped": marked("Le parcours est arrêté. Plus rien n'en partira."),
    "offer_planned": marked("La proposition est prévue."),
    "alert_seen": marked("C'est noté : ce jeune saura que vous avez vu."),
    "alert_taken": marked("C'est noté : ce jeune saura que vous vous en occupez."),
    "reply_sent": marked("Votre réponse part tout de suite."),
    "sent_again": marked("Le message repart tout de suite."),
    "left_alone": marked("C'est noté : ce message ne repartira pas."),
    "email_link_sent": marked(
        "Si cette adresse est nouvelle, un lien vient d'y partir. Ouvrez-le pour la confirmer."
    ),
    "email_choices_kept": marked("Vos choix sont enregistrés."),
    "email_proved": marked("Votre adresse est confirmée. Relais peut vous prévenir."),
    "email_link_old": marked("Ce lien a déjà servi, ou il est trop ancien. Demandez-en un autre."),
    "email_forgotten": marked("Votre adresse est oubliée : plus aucun e-mail ne partira."),
    "email_test_sent": marked("Un e-mail d'essai vient de partir. Regardez s'il est arrivé."),
    "signed_out": marked("Votre session est fermée. À bientôt."),
    "door_closed": marked("Le temps pour donner le code est passé. Recommencez, simplement."),
    "session_closed": marked("Cette session est fermée."),
    "sessions_closed": marked("Vos autres sessions sont fermées."),
    "password_changed": marked("Votre mot de passe est changé. Vos autres sessions sont fermées."),
    "second_factor_removed": marked(
        "La deuxième étape est retirée : votre mot de passe suffit de nouveau. Vos autres sessions sont fermées."
    ),
    "second_factor_forgotten": marked(
        "Son téléphone est oublié et ses sessions sont fermées. Son mot de passe suffit pour la prochaine connexion, puis la deuxième étape sera à remettre en place."
    ),
    "second_factor_required": marked(
        "Votre structure demande cette étape : elle ne peut pas être retirée. Vous pouvez changer de téléphone."
    ),
}

# How the bot is doing, when it is not well, and what to do.
BOT = {
    "revoked": marked(
        "Telegram ne reconnaît plus le bot : rien ne part et rien n'arrive. Prévenez la personne qui a installé Relais. D'ici là, voyez de vive voix ce qui presse."
    ),
    "conflict": marked(
        "Un autre programme utilise le même bot : ce que les jeunes répondent n'arrive plus ici. Prévenez la personne qui a installé Relais."
    ),
    "unheard": marked(
        "Telegram n'arrive pas à nous livrer ce que les jeunes écrivent : leurs réponses arrivent en retard ou pas du tout. Prévenez la personne qui a installé Relais."
    ),
    "unreachable": marked(
        "Telegram ne répond pas pour l'instant : les envois attendent et reprendront d'eux-mêmes. Si cela dure, prévenez la personne qui a installé Relais."
    ),
}

# Why e-mail does not leave, or may not have arrived, and what to do (`relais.smtp`).
MAIL = {
    "no_server": marked(
        "Votre structure n'a pas de serveur d'e-mail : personne n'est prévenu par e-mail. Demandez à la personne qui a installé Relais de le régler."
    ),
    "unreachable": marked(
        "Le serveur d'e-mail ne répond pas : les e-mails attendent et repartiront d'eux-mêmes. Si cela dure, prévenez la personne qui a installé Relais, et passez plus souvent sur cette page."
    ),
    "timeout": marked(
        "Le serveur d'e-mail met trop de temps à répondre : les e-mails attendent et repartiront d'eux-mêmes. Si cela dure, prévenez la personne qui a installé Relais."
    ),
    "tls": marked(
        "Le serveur d'e-mail ne prouve pas qui il est, ou ne chiffre pas : aucun e-mail ne part. Prévenez la personne qui a installé Relais, et passez plus souvent sur cette page."
    ),
    "auth": marked(
        "Le serveur d'e-mail refuse l'identifiant ou le mot de passe de Relais : aucun e-mail ne part. Prévenez la personne qui a installé Relais, et passez plus souvent sur cette page."
    ),
    "sender": marked(
        "Le serveur d'e-mail refuse l'adresse d'expédition de Relais : aucun e-mail ne part. Prévenez la personne qui a installé Relais, et passez plus souvent sur cette page."
    ),
    "busy": marked(
        "Le serveur d'e-mail demande d'attendre : les e-mails repartiront d'eux-mêmes. Si cela dure, prévenez la personne qui a installé Relais."
    ),
    "protocol": marked(
        "Le serveur d'e-mail répond d'une façon inattendue : aucun e-mail ne part. Prévenez la personne qui a installé Relais, et passez plus souvent sur cette page."
    ),
    "recipient": marked(
        "Le serveur d'e-mail refuse votre adresse : Relais ne vous prévient plus par e-mail. Vérifiez-la dans « Mes e-mails »."
    ),
    "rejected": marked(
        "Le serveur d'e-mail a refusé un e-mail pour vous. Faites un essai dans « Mes e-mails », et prévenez la personne qui a installé Relais."
    ),
    "expired": marked(
        "Un e-mail n'a pas pu partir à temps. Faites un essai dans « Mes e-mails », et passez plus souvent sur cette page."
    ),
    "no_reply": marked(
        "Un e-mail est peut-être parti, peut-être pas. Faites un essai dans « Mes e-mails »."
    ),
    "interrupted": marked(
        "Un e-mail est peut-être parti, peut-être pas. Faites un essai dans « Mes e-mails »."
    ),
}

_UNKNOWN = marked(
    "Cela n'a pas pu être fait (%(code)s). Réessayez ; si cela se répète, prévenez la personne qui a installé Relais."
)


class _Facts(dict[str, Any]):
    """Facts said the French way; one that is missing leaves a sentence standing."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(code: str, /, **facts: Any) -> str:
    """The sentence of an error code, with its facts; never fails, even for an unknown code."""
    known = ERRORS.get(code) or FORMS.get(code) or DONE.get(code) or _UNKNOWN
    return gettext(known) % _Facts({"code": code} | {k: _said(v) for k, v in facts.items()})


def outcome(code: str) -> str:
    """The sentence that a page opens with after an act, or nothing for a code it does not know."""
    return sentence(code) if code in DONE or code in ERRORS or code in FORMS else ""


def _said(fact: Any) -> str:
    if isinstance(fact, datetime):
        from admin.french import day_and_time

        return day_and_time(fact)
    if isinstance(fact, date):
        return f"{fact:%d/%m/%Y}"
    if isinstance(fact, list | tuple | Mapping):
        return ", ".join(map(str, fact))
    return str(fact)
