"""Every page of the desk as the demo shows it, full, empty and wrong: what `screenshots` goes through."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shot:
    """A page: where it is (`{Sami}` is that youth's page), what is typed, then what is pressed.

    `kept` names the picture that the guide uses, taken at 768 pixels in light.
    """

    name: str
    path: str
    typed: dict[str, str] = field(default_factory=dict)
    pressed: tuple[str, ...] = ()
    kept: str = ""


MAIN = "button.main"
MEETING = {"#day": "jeudi", "#time": "15 h", "#place": "au local"}
WRONG_MEETING = {"#day": "un jour", "#time": "25 h", "#minutes": "x"}
WRONG_PASSWORD = {"#password": "non", "#new": "nadia-relais-2026"}
COURSE = ("text=Projet pro", MAIN)
ANSWER = {"#text": "Oui, viens à 10 h 30 si ça t'arrange."}
# By who is signed in. The page of today comes first: reading a conversation empties it.
SHOTS: dict[str, tuple[Shot, ...]] = {
    "": (
        Shot("signin", "/connexion"),
        Shot("signin-refused", "/connexion", {"#login": "nadia", "#password": "non"}, (MAIN,)),
    ),
    "nadia": (
        Shot("today", "/", kept="aujourdhui"),
        Shot("youths", "/jeunes"),
        Shot("youths-nobody", "/jeunes?q=zzz"),
        Shot("youth-new", "/jeunes/nouveau"),
        Shot("youth-new-wrong", "/jeunes/nouveau", {"#birth_year": "1890"}, (MAIN,)),
        Shot("youth", "{Sami}"),
        Shot("youth-to-confirm", "{Tom}"),
        Shot("youth-under-15", "{Yanis}"),
        Shot("youth-blocked", "{Lina}"),
        Shot("agreement", "{Yanis}/accord"),
        Shot("agreement-wrong", "{Yanis}/accord", {"#day": "bientôt"}, (MAIN,)),
        Shot("meeting", "{Sami}/rendez-vous/nouveau"),
        Shot("meeting-preview", "{Sami}/rendez-vous/nouveau", MEETING, (MAIN,), "rendez-vous"),
        Shot("meeting-wrong", "{Sami}/rendez-vous/nouveau", WRONG_MEETING, (MAIN,)),
        Shot("meeting-move", "{Sami}", pressed=("article >> text=Déplacer >> nth=0",)),
        Shot("meeting-cancel", "{Sami}", pressed=("article >> text=Annuler >> nth=0",)),
        Shot("message", "{Inès}/message"),
        Shot("message-preview", "{Inès}/message", {"#text": "Bravo pour hier."}, (MAIN,)),
        Shot("message-wrong", "{Inès}/message", {"#text": "Pense au tribunal jeudi."}, (MAIN,)),
        Shot("offer", "{Inès}/proposer"),
        Shot("offer-preview", "{Inès}/proposer", pressed=("text=Ma météo du moment", MAIN)),
        Shot("library", "/bibliotheque"),
        Shot("played", "/bibliotheque/ma-meteo"),
        Shot("played-ticks", "/bibliotheque/humeur", pressed=("text=Moyen", "text=Bouger")),
        Shot("played-words", "/bibliotheque/humeur", pressed=("text=Passer", "text=Passer")),
        Shot(
            "played-breath",
            "/bibliotheque/pause-90-secondes",
            pressed=("text=Passer", "text=Avec mon souffle"),
        ),
        Shot("played-english", "/bibliotheque/ma-meteo?langue=en"),
        Shot("courses-none", "{Inès}/parcours"),
        Shot("course-wrong", "{Inès}/parcours/nouveau", {"#time": "21 h"}, (MAIN,)),
        Shot("course", "{Inès}/parcours/nouveau", pressed=COURSE, kept="parcours"),
        Shot("courses", "{Inès}/parcours/nouveau", pressed=(*COURSE, "text=Commencer ce parcours")),
        Shot("answers", "{Sami}/reponses"),
        Shot("answers-none", "{Inès}/reponses"),
        Shot("conversation", "{Inès}/messages", ANSWER, kept="messages"),
        Shot("conversation-warned", "{Inès}/messages", {"#text": "Et le juge ?"}, (MAIN,)),
        Shot("invitation", "{Tom}", pressed=("text=Donner un nouveau lien",)),
        Shot("not-found", "/jeunes/999999"),
        Shot("account", "/compte", kept="mon-compte"),
        Shot("prove", "/compte/confirmer"),
        Shot("password", "/compte/mot-de-passe"),
        Shot("password-wrong", "/compte/mot-de-passe", WRONG_PASSWORD, (MAIN,)),
        Shot("second-factor", "/compte/second-facteur"),
        Shot("second-factor-wrong", "/compte/second-facteur", {"#code": "000000"}, (MAIN,)),
        Shot("mail", "/compte/e-mails"),
        Shot("mail-wrong", "/compte/e-mails", {"#email": "nadia"}, (MAIN,)),
        Shot("mail-confirm", "/compte/e-mails/confirmer?lien=x"),
    ),
    "karim": (Shot("today-quiet", "/"),),
    "claire": (
        Shot("team", "/equipe"),
        Shot("readmission", "/equipe", pressed=("summary", "text=Karim >> nth=-1")),
    ),
    "omar": (Shot("evaluation", "/evaluation"),),
}
# Once Sami has said yes to « Je préviens Nadia ? ».
ALERTED: dict[str, tuple[Shot, ...]] = {
    "nadia": (
        Shot("today-alert", "/"),
        Shot("youth-alert", "{Sami}"),
        Shot("today-alert-taken", "/", pressed=("text=Je m'en occupe",)),
    ),
}
