"""Mailing: what every mail of the newspaper looks like on the wire, and what became of it, in words without addresses.

One sender, one recipient, headers that nobody's words can reach. `outbox` sends single mails through it, `newsletter`
an issue's.
"""

import re
import smtplib
import socket
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import (
    Address,
    AddressHeader,
    BaseHeader,
    HeaderRegistry,
    UnstructuredHeader,
)
from email.message import EmailMessage as WireMessage
from email.policy import Policy, default
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.encoding import punycode

from news import crypto
from news.models import Masthead
from news.text.normalize import clean_line, nfc

SUBJECT_MAX, HEADER_MAX, ADDRESS_MAX = 150, 900, 254

HEADERS: Final = frozenset({"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "In-Reply-To", "References"})
"""What a caller may add: none of them names a sender or a recipient."""

_CODE: Final = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class BadMail(Exception):
    """A recipient, subject or header that could say more than it should: nothing was written."""


# --- What a mail may say ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, twice: as text and as HTML. Never part of a representation."""

    text: str = field(repr=False)
    html: str = field(repr=False)


def words(name: str, context: Mapping[str, Any]) -> Words:
    """Both forms of the mail `templates/news/email/<name>` from one context.

    It needs `masthead`, the newspaper's name; in the HTML everything is escaped.
    """
    told = {**context, "home": settings.SITE_URL}
    # Templates answer text that is marked as safe HTML; a mail's words are plain text to every page that shows them.
    text, html = (render_to_string(f"news/email/{name}.{kind}", told) + "" for kind in ("txt", "html"))
    return Words(text=text, html=html)


def subject(value: str) -> str:
    """A subject as it may leave, cut where it is too long. Raises `BadMail`."""
    value = checked(value).strip()
    return value if len(value) <= SUBJECT_MAX else f"{value[: SUBJECT_MAX - 1].rstrip()}…"


def body(text: str) -> str:
    """The text or the HTML of a mail without what cannot be written, with one kind of line ends."""
    return _UNWRITABLE.sub("", nfc(text).replace("\r\n", "\n").replace("\r", "\n")).strip("\n") + "\n"


def header(name: str, value: str) -> str:
    """The value of a header out of `HEADERS`. Raises `BadMail`."""
    if name not in HEADERS or len(value) > HEADER_MAX or not value.isascii():
        raise BadMail(f"the header {name!r} cannot be set so")
    return checked(value)


def checked(value: str) -> str:
    """The value of a header. Raises `BadMail` for what ends a line, hides, or is decoded by its reader."""
    if "=?" in value or any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in value):
        raise BadMail("a header holds control characters or an encoded word")
    return nfc(value)


def address(value: str) -> str:
    """One bare address. Raises `BadMail` for anything else: names, lists, groups, comments, encoded words."""
    if len(value) > ADDRESS_MAX:
        raise BadMail("an address is too long")
    parsed = AddressHeader.value_parser(checked(value))
    boxes = parsed.all_mailboxes
    if parsed.all_defects or len(boxes) != 1 or boxes[0].addr_spec != value or not boxes[0].domain:
        raise BadMail("not one plain address")
    return value


def is_address(value: str) -> bool:
    """Whether a mail can go there: one bare address, without names, lists, comments or encoded words."""
    try:
        address(value)
    except BadMail:
        return False
    return True


# --- What goes over the wire ----------------------------------------------------------------------------


class _AsItStands(BaseHeader):
    """A header of plain ASCII that is not folded: long addresses in it would come out as encoded words."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Nothing is taken apart."""
        kwds["parse_tree"] = UnstructuredHeader.value_parser(value)
        kwds["decoded"] = value

    def fold(self, *, policy: Policy) -> str:
        """One line."""
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(_AsItStands):
    """The subject, encoded as a whole: the standard library's own folding loses or doubles spaces between words."""

    def fold(self, *, policy: Policy) -> str:
        """Lines of at most 76 characters."""
        return f"{self.name}: {_encoded(str(self), policy)}{policy.linesep}"


class _Sender(_AsItStands):
    """The sender, its name encoded like the subject."""

    def fold(self, *, policy: Policy) -> str:
        """Lines of at most 76 characters; the address on a line of its own."""
        name, address = parseaddr(str(self))
        return f"{self.name}: {_encoded(name, policy)}{policy.linesep} <{address}>{policy.linesep}"


def _encoded(words: str, policy: Policy) -> str:
    """As encoded words, unless they are plain: letters, digits, spaces."""
    if words.isascii() and words.replace(" ", "").isalnum():
        return words
    return Header(words, "utf-8", header_name="Subject").encode(linesep=policy.linesep)


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _AsItStands)
_HEADERS.map_to_type("subject", _Subject)
_HEADERS.map_to_type("from", _Sender)


class _Mail(EmailMultiAlternatives):
    def message(self, *, policy: Any = default) -> WireMessage:
        """As Django makes it, with long headers whole, and in seven bits, which every server passes on unchanged."""
        return super().message(policy=policy.clone(header_factory=_HEADERS, cte_type="7bit"))


def masthead_name() -> str:
    """The newspaper's name as it may stand in a header. One query."""
    masthead = Masthead.objects.only("name").first()
    return clean_line(masthead.name if masthead else "").replace("=?", "") or "Tòa soạn"


def domain() -> str:
    """The sender's domain in ASCII."""
    return punycode(parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost")


def compose(
    *,
    recipient: str,
    subject: str,
    words: Words,
    message_id: str,
    sender: str,
    reply_to: str = "",
    headers: Mapping[str, str],
) -> EmailMultiAlternatives:
    """The mail as it leaves: our address under the name `sender`, one recipient, the text and beside it the HTML.

    `message_id` is what stands before the "@", `sender` is `masthead_name()`; the rest as `checked` let it through.
    """
    user = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[0]
    mail = _Mail(
        subject=subject,
        body=words.text,
        from_email=str(Address(sender, user, domain())),
        to=[recipient],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": f"<{message_id}@{domain()}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **headers,
        },
    )
    if words.html:
        mail.attach_alternative(words.html, "text/html")
    return mail


# --- Why a mail does not leave --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a mail did not leave, in words without its address; `is_servers`: no other mail would fare better now."""

    words: str
    is_final: bool = False
    is_servers: bool = False
    status: str = ""
    """Of a recipient who was refused for good: the server's code ("550 5.1.1")."""


def failure(error: Exception) -> Trouble:
    """What went wrong, in words of ours: a server's own may repeat the address."""
    if _is_providers(error):
        return _refused_by_provider(error)
    for kind, say in _FAILURES:
        if isinstance(error, kind):
            return say(error)
    return Trouble(f"Không gửi được ({type(error).__name__}).")


def is_answer(error: Exception) -> bool:
    """Whether a mail server or a provider said no: what says so was not taken."""
    refusals = (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException)
    return isinstance(error, refusals) or (_is_providers(error) and _provider_code(error) != 0)


def never_connected(error: BaseException | None) -> bool:
    """Whether nobody was reached at all: nothing was handed over, whatever was about to be."""
    names = {"NewConnectionError", "ConnectTimeoutError", "ConnectTimeout", "NameResolutionError"}
    while error is not None:
        if isinstance(error, ConnectionRefusedError | socket.gaierror) or type(error).__name__ in names:
            return True
        reason = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = error.__cause__ or error.__context__ or reason or getattr(error, "reason", None)
        if not isinstance(error, BaseException):
            return False
    return False


def _is_providers(error: Exception) -> bool:
    """Whether it is one of django-anymail's, which is imported only where a provider is set up."""
    return any(kind.__name__ == "AnymailError" for kind in type(error).__mro__)


def _provider_code(error: Any) -> int:
    """The HTTP status of a provider's answer; 0 where there was none, 400 for a recipient it refused."""
    if any(kind.__name__ == "AnymailRecipientsRefused" for kind in type(error).__mro__):
        return 400
    code = getattr(error, "status_code", None)
    return code if isinstance(code, int) else 0


def _refused_by_provider(error: Any) -> Trouble:
    """A provider's answer by its number: its words may repeat the address."""
    code = _provider_code(error)
    name = type(error).__name__
    if name == "AnymailRecipientsRefused":
        return Trouble("Dịch vụ gửi thư từ chối địa chỉ người nhận.", is_final=True, status="550")
    if code in {400, 422}:
        return Trouble(f"Dịch vụ gửi thư từ chối nội dung thư ({code}).", is_final=True)
    if code in {401, 402, 403, 404, 429} or code >= 500:
        return Trouble(f"Dịch vụ gửi thư không nhận thư ({code}).", is_servers=True)
    if not code:
        return Trouble(f"Không nối được dịch vụ gửi thư ({name}).", is_servers=True)
    return Trouble(f"Dịch vụ gửi thư trả lời không rõ ({code}).")


def _refused_recipient(error: Any) -> Trouble:
    code, words = next(iter(error.recipients.values()), (0, b""))
    is_final = bool(error.recipients) and all(500 <= code < 600 for code, _ in error.recipients.values())
    reply = _reply(code, words)
    said = f"Máy chủ thư từ chối địa chỉ người nhận ({reply})."
    return Trouble(said, is_final=is_final, status=reply if is_final else "")


def _refused_text(error: Any) -> Trouble:
    reply = _reply(error.smtp_code, error.smtp_error)
    return Trouble(f"Máy chủ thư từ chối nội dung thư ({reply}).", is_final=500 <= error.smtp_code < 600)


def _refused_us(error: Any) -> Trouble:
    reply = _reply(error.smtp_code, error.smtp_error)
    return Trouble(f"Máy chủ thư từ chối bên gửi ({reply}).", is_servers=True)


def _unreachable(error: Any) -> Trouble:
    return Trouble(f"Không nối được máy chủ thư ({type(error).__name__}).", is_servers=True)


def _reply(code: int, words: bytes | str) -> str:
    """The codes of a server's answer and nothing of its words."""
    found = _CODE.match(words if isinstance(words, bytes) else words.encode())
    return f"{code} {found[1].decode()}" if found else str(code)


_FAILURES: Final[tuple[tuple[type[Exception], Callable[[Any], Trouble]], ...]] = (
    (smtplib.SMTPRecipientsRefused, _refused_recipient),
    (smtplib.SMTPDataError, _refused_text),
    (smtplib.SMTPResponseException, _refused_us),  # sender, log-in, greeting
    (smtplib.SMTPException, _unreachable),
    (OSError, _unreachable),
    (crypto.Undecryptable, lambda error: Trouble("Thiếu khóa để mở nội dung thư (READER_KEYS).")),
    # What no address can be: it will be none later.
    (ValueError, lambda error: Trouble(f"Không soạn được thư ({type(error).__name__}).", is_final=True)),
)
