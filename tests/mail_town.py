"""A real SMTP server on loopback, with its own certificate authority, that fails as it is told."""

import asyncio
import datetime as dt
import queue
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from records.mail_server import MailServer

USER, PASSWORD = "relais", "mot-de-passe-du-serveur"
SENDER = "relais@structure.test"


@dataclass
class PostOffice:
    """What came in, and how the server answers. `at_data` is awaited before the answer to DATA."""

    port: int = 0
    security: str = "none"
    signs_in: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)  # MAIL, RCPT, DATA: what is answered
    refused: dict[str, str] = field(default_factory=dict)  # an address: what is answered to RCPT
    at_data: Callable[[SMTP], Any] | None = None
    connections: int = 0

    def server(self, structure_id: int, **changed: Any) -> MailServer:
        """The settings that lead here."""
        account = {"user": USER, "password": PASSWORD} if self.signs_in else {}
        usual: dict[str, Any] = {"user": "", "password": "", "sender": SENDER} | account
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self.port}
        where["security"] = self.security
        return MailServer(structure_id, **(where | usual | changed))

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's own name)
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        said = self.refused.get(address) or self.answers.get("RCPT")
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        if self.at_data:
            await self.at_data(server)
        return "250 OK"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _how: str, given: Any
    ) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=right, handled=False)


@asynccontextmanager
async def post_office(
    security: str = "none", *, signs_in: bool = False
) -> AsyncIterator[PostOffice]:
    """Open it on a port of its own, in this very loop."""
    office = PostOffice(security=security, signs_in=signs_in)
    tls = _server_side() if security != "none" else None

    def protocol() -> SMTP:
        return SMTP(
            office,
            enable_SMTPUTF8=True,
            hostname="essai.test",
            tls_context=tls if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=office.authenticate if signs_in else None,
            auth_required=signs_in,
            auth_require_tls=security == "starttls",
        )

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=tls if security == "tls" else None
    )
    office.port = listening.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        listening.close()


def trust() -> ssl.SSLContext:
    """What a machine would trust that knows the test's authority."""
    return ssl.create_default_context(cadata=_authority()[0].decode())


def authority_in(folder: Path) -> Path:
    """The authority's certificate in a file, for a process of its own."""
    path = folder / "authority.pem"
    path.write_bytes(_authority()[0])
    return path


@cache
def _authority() -> tuple[bytes, bytes, bytes]:
    """The authority's certificate; a server's, signed by it, with its key. Made once."""
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Relais essai")])
    root = _certificate(name, name, ours.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    leaf = _certificate(own, name, theirs.public_key()).add_extension(host, critical=False)
    pem = serialization.Encoding.PEM
    return (
        root.sign(ours, hashes.SHA256()).public_bytes(pem),
        leaf.sign(ours, hashes.SHA256()).public_bytes(pem),
        theirs.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _certificate(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    begins = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(dt.datetime(2090, 1, 1, tzinfo=dt.UTC))
    )


def _server_side() -> ssl.SSLContext:
    _root, certificate, key = _authority()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)
    return context


@contextmanager
def post_office_beside(security: str = "none", *, signs_in: bool = False) -> Iterator[PostOffice]:
    """The same in a thread of its own, for commands that run a loop themselves."""
    opened: queue.Queue[tuple[PostOffice, asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def keep_open() -> None:
        enough = asyncio.Event()
        async with post_office(security, signs_in=signs_in) as office:
            opened.put((office, asyncio.get_running_loop(), enough))
            await enough.wait()

    thread = threading.Thread(target=lambda: asyncio.run(keep_open()))
    thread.start()
    office, loop, enough = opened.get(timeout=10)
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(enough.set)
        thread.join(timeout=10)
