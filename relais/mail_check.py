"""`relais check`, « e-mail »: can the structure's server be written through? And a test send."""

import secrets

from admin.letters import Envelope, letter
from admin.sentences import MAIL
from records import mail_server, mailbox, staff, structure
from records.database import Database
from records.mail_server import MailServer
from records.mailbox import Mailbox
from relais.clock import real_now
from relais.command import UsageError
from relais.settings import Settings
from relais.smtp import post_one

_NONE = (
    "Aucun serveur d'e-mail : personne n'est prévenu d'une alerte par e-mail. "
    "Réglez-le : relais structure smtp --host …"
)
_WRONG = {
    "unreachable": "{host} ne répond pas : vérifiez le nom, le port et le réseau.",
    "timeout": "{host} accepte la connexion et ne dit rien : vérifiez le port et la sécurité.",
    "tls": "{host} ne chiffre pas, ou son certificat n'est pas reconnu : vérifiez --security, le "
    "nom du serveur et son certificat. Rien ne lui a été confié.",
    "auth": "{host} refuse l'identifiant ou le mot de passe : donnez-les à nouveau.",
    "sender": "{host} refuse l'expéditeur {sender} : donnez une adresse qui est à ce compte.",
    "busy": "{host} demande d'attendre : réessayez dans quelques minutes.",
    "protocol": "{host} répond autrement qu'un serveur d'e-mail : vérifiez le port.",
    "recipient": "{host} refuse l'adresse de cette personne : faites-la corriger.",
    "rejected": "{host} a refusé le message : voyez avec qui tient ce serveur.",
    "no_reply": "{host} n'a pas dit s'il a pris l'essai : regardez s'il est arrivé, et réessayez.",
}

Answer = tuple[bool | None, str]


async def all_servers(database: Database, settings: Settings, login: str) -> list[Answer]:
    """One answer a structure; with a login, an e-mail leaves for that person."""
    async with database.read() as tx:
        places = await structure.all_structures(tx)
        servers = [await mail_server.of(tx, place.id) for place in places]
    known = [server for server in servers if server is not None]
    found = [await _in_and_out(database, server) for server in known] or [(None, _NONE)]
    if login:
        found.append(await _test(database, settings, login))
    return found


async def _in_and_out(database: Database, server: MailServer) -> Answer:
    """Connect, secure, sign in, and leave again: nobody is written to."""
    went = await post_one(server, None)
    if went == "ok" or went in MAIL:  # of the server itself, not of one address or letter
        async with database.write() as tx:
            await mail_server.went(tx, real_now(), server.structure_id, went)
    return _answer(server, went, f"{server.host} est prêt : connexion, sécurité et compte.")


async def _test(database: Database, settings: Settings, login: str) -> Answer:
    async with database.read() as tx:
        person = await staff.by_login(tx, login)
        box = await mailbox.of(tx, person.id)
        server = await mail_server.of(tx, person.structure_id)
    if server is None:
        return False, _NONE
    if not box.is_reached:
        raise UsageError(_not_reached(login, box))
    desk, number = settings["DESK_URL"], secrets.token_hex(16)
    envelope = Envelope(server.sender, box.address, number, real_now(), desk)
    went = await post_one(server, letter("test", envelope))
    return _answer(server, went, f"Un essai est parti pour {login} : regardez s'il est arrivé.")


def _not_reached(login: str, box: Mailbox) -> str:
    """What is still to be done before anything may be written to this person."""
    again = f"relais staff notify {login} --email"
    if not box.address:
        return f"{login} n'a pas encore d'adresse. Donnez-la : {again} ADRESSE."
    return (
        f"{login} n'a pas encore ouvert le lien de confirmation reçu à son adresse, et rien d'autre "
        "n'y part avant. Demandez-lui de l'ouvrir (il est peut-être dans les indésirables), puis "
        f"recommencez cet essai. Pour envoyer un nouveau lien : {again} ADRESSE."
    )


def _answer(server: MailServer, went: str, right: str) -> Answer:
    if went == "ok":
        return True, right
    return False, _WRONG[went].format(host=server.host, sender=server.sender)
