"""A real SMTP server for tests of what is mailed to whom, and a worker that runs the tasks that are ready."""

import socket
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from django_tasks_db.management.commands.db_worker import Worker


@dataclass
class PostOffice:
    """Takes mail as a mail server does. `refusals` answers RCPT by address, `answer` answers the text of every mail."""

    port: int = 0
    refusals: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    pause: float = 0
    envelopes: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, read."""
        return [message_from_bytes(raw, policy=default) for _, _, raw in self.envelopes]

    @property
    def texts(self) -> list[str]:
        """What they say."""
        return [self._part(mail, "plain") for mail in self.mails]

    @property
    def htmls(self) -> list[str]:
        """What they say to programs that show HTML."""
        return [self._part(mail, "html") for mail in self.mails]

    @staticmethod
    def _part(mail: EmailMessage, kind: str) -> str:
        part = mail.get_body((kind,))
        return part.get_content().replace("\r\n", "\n") if part is not None else ""

    @property
    def recipients(self) -> list[str]:
        """To whom, one after the other."""
        return [address for _, addresses, _ in self.envelopes for address in addresses]


class _Clerk:
    """The office's hands. aiosmtpd reads every attribute of its handler at each connection: here are no others."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """As told."""
        if address in self.office.refusals:
            return self.office.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep it, unless told otherwise."""
        time.sleep(self.office.pause)
        if self.office.answer:
            return self.office.answer
        self.office.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_office() -> tuple[PostOffice, Controller]:
    """A server that is already listening; `controller.stop()` closes it."""
    office = PostOffice(port=free_port())
    # Named, or it would ask the DNS for its own name at each connection.
    controller = Controller(_Clerk(office), hostname="127.0.0.1", port=office.port, server_hostname="localhost")
    controller.start()
    return office, controller


def mailers(port: int) -> dict[str, Any]:
    """MAILERS that lead there."""
    return {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 5},
        }
    }


def run_worker() -> None:
    """What the task worker does until nothing is ready, in this thread."""
    Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="w",
        excluded_queue_names=[],
    ).run()
