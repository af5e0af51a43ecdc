"""What the machine refuses, in French: the operating system and its libraries speak English."""

import errno
import socket

from sqlalchemy.exc import DBAPIError

_SYSTEM = {
    errno.EACCES: "l'accès est refusé",
    errno.EADDRINUSE: "cette adresse est déjà prise",
    errno.EADDRNOTAVAIL: "cette machine n'a pas cette adresse",
    errno.ECONNREFUSED: "la connexion est refusée",
    errno.EIO: "le disque ne répond pas",
    errno.EISDIR: "c'est un dossier, pas un fichier",
    errno.ELOOP: "ce lien tourne en rond",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.ENAMETOOLONG: "ce nom est trop long",
    errno.ENOENT: "ce fichier ou ce dossier n'existe pas",
    errno.ENOSPC: "le disque est plein",
    errno.ENOTDIR: "ce chemin passe par un fichier qui n'est pas un dossier",
    errno.EPERM: "l'accès est refusé",
    errno.EROFS: "ce disque ne peut pas être modifié",
}

# What SQLite says, in part, and what to do about it. PostgreSQL's errors go by their code.
_DATABASE = {
    "database is locked": "La base est occupée par un autre programme. Réessayez dans un instant.",
    "disk is full": "Le disque est plein. Faites de la place, puis réessayez.",
    "readonly database": "La base ne peut pas être modifiée. Vérifiez les droits de son fichier.",
    "malformed": "Le fichier de la base est abîmé. Restaurez une sauvegarde.",
    "not a database": "Ce fichier n'est pas une base de Relais. Vérifiez RELAIS_DATABASE.",
    "53100": "Le disque de la base est plein. Faites de la place, puis réessayez.",
    "42501": "La base refuse cet accès. Vérifiez les droits du compte de RELAIS_DATABASE.",
}


def in_french(failure: Exception) -> str:
    """Why, in a few words that continue a sentence; an unknown error keeps only its number."""
    if isinstance(failure, UnicodeError):
        return "ce n'est pas du texte en UTF-8"
    if isinstance(failure, socket.gaierror):
        return "ce nom de machine n'est pas connu"
    if isinstance(failure, OverflowError):
        return "le nombre est trop grand"
    number = getattr(failure, "errno", None)
    return _SYSTEM.get(number or 0, f"erreur {number} du système" if number else "refus du système")


def database_sentence(failure: DBAPIError) -> str:
    """What a person can do when the database refuses; its own English words stay in the log."""
    said = f"{failure.orig} {getattr(failure.orig, 'sqlstate', None) or ''}"
    known = next((told for part, told in _DATABASE.items() if part in said), None)
    return known or "La base de données ne répond pas. Vérifiez RELAIS_DATABASE, puis réessayez."
