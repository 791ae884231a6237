"""What is kept about one person, wherever it lies; orders to keep it; what waits at the desk. Read-only."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from accounts import exporting, proving
from accounts.models import User
from news import crypto, filetypes
from news.models import (
    Comment,
    Consent,
    DataRequestState,
    Feedback,
    LegalHold,
    Outbox,
    ReaderContact,
)
from news.queries import bookmarks, comments, consents, editions, feedback, follows, newsletter, notifications
from news.queries.contacts import said_as
from news.text.normalize import clean_line

MANAGE: Final = "news.change_datarequest"
"""Who handles requests about personal data."""
HOLD: Final = "news.add_legalhold"
"""Who orders that data be kept."""


# --- Whose it is -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """One person as far as an address and an account tell: the numbers of their rows, and how they are written.

    `addresses` are proven theirs: by them rows are found. `identifiers` are those and whatever else they typed as an
    address or telephone number, `words` names and postal addresses: they are taken out of the person's own texts.
    """

    email: str = field(repr=False)
    email_digests: tuple[str, ...] = field(repr=False)
    contact_ids: list[int]
    user_ids: list[int]
    addresses: list[str] = field(repr=False)
    identifiers: list[str] = field(repr=False)
    words: list[str] = field(repr=False)
    details: dict[str, str] = field(repr=False)

    @property
    def strings(self) -> list[str]:
        """All that tells who it is."""
        return [*self.identifiers, *self.words]


def person(*, email: str = "", user_id: int | None = None) -> Person:
    """Whoever has proven that the address, or the account, is theirs.

    An account is found by an address that is its own or that it has proven; contacts by the address, and by a proven
    address of the account. Raises `crypto.Undecryptable`.
    """
    email = clean_line(email)
    proven = {email} if email else set()
    user_ids = {user_id} if user_id else set()
    if email:
        user_ids |= proving.users_of(email)
    if user_id:
        proven |= proving.proven_by(user_id)
    digests = tuple(sorted({crypto.digest(address) for address in proven}))
    # Those of that address, and those of the letters that were sent from the account.
    own = Feedback.objects.filter(account_id__in=user_ids, contact__isnull=False).values("contact_id")
    theirs = Q(email_digest__in=digests) | Q(pk__in=own)
    contacts = list(ReaderContact.objects.filter(theirs).order_by("-pk")) if digests or user_ids else []
    identifiers: dict[str, None] = dict.fromkeys((*sorted(proven), *sorted(proving.addresses_of(user_ids))))
    words: dict[str, None] = {}
    newest: dict[str, str] = {}
    for contact in contacts:
        opened = crypto.decrypt(contact.details)
        newest = newest or opened
        identifiers |= dict.fromkeys((*said_as(opened, "email"), *said_as(opened, "phone")))
        words |= dict.fromkeys((*said_as(opened, "name"), *said_as(opened, "address")))
    for user in User.objects.filter(pk__in=user_ids):
        identifiers[user.phone] = None
        words[user.full_name] = None
    # Names they had when they wrote.
    written = Q(author_id__in=user_ids) | Q(contact__in=contacts)
    if contacts or user_ids:
        names = Comment.objects.filter(written, by_newsroom=False).order_by().values_list("name", flat=True)
        words |= dict.fromkeys(names.distinct())
    return Person(
        email=email or next(iter(sorted(proven)), ""),
        addresses=sorted(proven),
        email_digests=digests,
        contact_ids=[contact.pk for contact in contacts],
        user_ids=sorted(user_ids),
        identifiers=[string for string in identifiers if string],
        words=[string for string in words if string],
        details=newest,
    )


def hold_on(digests: tuple[str, ...], at: datetime) -> LegalHold | None:
    """The order that keeps these addresses' data now, the newest where there are several. One query."""
    if not digests:
        return None
    return holds_at(at).filter(email_digest__in=digests).order_by("-pk").first()


def holds_at(at: datetime) -> QuerySet[LegalHold]:
    """The orders in force."""
    today = timezone.localdate(at)
    return LegalHold.objects.filter(Q(until=None) | Q(until__gte=today), lifted_at=None)


# --- What is kept ----------------------------------------------------------------------------------------

type Export = Callable[..., list[dict[str, Any]]]


def _contacts(*, contact_ids: list[int], user_ids: list[int]) -> list[dict[str, Any]]:
    labels = {"name": "Họ và tên", "email": "Thư điện tử", "phone": "Điện thoại", "address": "Địa chỉ"}
    found = []
    for row in ReaderContact.objects.filter(pk__in=contact_ids).order_by("-pk"):
        opened = crypto.decrypt(row.details)
        found.append(
            {
                "Loại": "Thông tin liên hệ",
                **{label: opened[name] for name, label in labels.items() if opened.get(name)},
                **{
                    f"{label}, trước khi sửa": "; ".join(former)
                    for name, label in labels.items()
                    if (former := said_as({**opened, name: ""}, name))
                },
                "Ghi lúc": row.created_at,
                "Giữ đến hết": row.keep_until or "khi việc liên quan xong",
            }
        )
    return found


@dataclass(frozen=True, slots=True)
class Subject:
    """What a consent was given with: a letter or a comment in words, and its article while readers see it."""

    words: str
    title: str = ""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.words}, bài “{self.title}”" if self.title else self.words


BEGINNING: Final = 60
"""Letters of a letter or a comment by which its writer knows it again."""


def subjects(given: Iterable[Consent]) -> dict[int, Subject]:
    """What each of these consents was given with, by its number; one that goes with nothing written is not in it.

    Of a letter's code only the part that opens nothing. Three queries.
    """
    contacts = {row.pk: row.contact_id for row in given if row.contact_id is not None}
    if not contacts:
        return {}
    beginning = Substr("body", 1, BEGINNING * 4, output_field=TextField())
    fields = ("contact_id", "article_id", "beginning")
    found: dict[int, tuple[str, int | None]] = {}
    letters = Feedback.objects.filter(contact_id__in=contacts.values()).annotate(beginning=beginning)
    for contact_id, article_id, words, pk, received in letters.values_list(*fields, "pk", "received_at"):
        code = feedback.reference_of(timezone.localtime(received), pk)
        found[contact_id] = (f"Thư {code} {_quoted(words)}", article_id)
    written = Comment.objects.filter(contact_id__in=contacts.values()).annotate(beginning=beginning)
    for contact_id, article_id, words in written.values_list(*fields):
        found[contact_id] = (f"Bình luận {_quoted(words)}", article_id)
    seen = editions.titles(number for _, number in found.values() if number is not None)
    about = {
        contact_id: Subject(words, *seen.get(article_id or 0, ("", "")))
        for contact_id, (words, article_id) in found.items()
    }
    return {pk: about[contact_id] for pk, contact_id in contacts.items() if contact_id in about}


def _quoted(words: str) -> str:
    return f"“{Truncator(' '.join(words.split())).chars(BEGINNING, truncate='…')}”"


def _agreed(*, contact_ids: list[int], user_ids: list[int]) -> list[dict[str, Any]]:
    given = list(consents.of_person(contact_ids, user_ids))
    about = subjects(given)
    return [
        {
            "Loại": "Lời đồng ý",
            **({"Về": str(about[row.pk])} if row.pk in about else {}),
            "Biểu mẫu": row.address,
            "Lúc": row.given_at,
            "Lời dẫn": row.text.text,
            "Mục đích": [
                {"Điều": line.words, "Đồng ý": line.is_given, "Rút lại lúc": line.withdrawn_at}
                for line in consents.lines(row)
            ],
        }
        for row in given
    ]


def _mails(digests: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = Outbox.objects.filter(recipient_digest__in=digests).exclude(message="").order_by("-pk")
    return [
        {
            "Loại": "Thư chờ gửi" if row.given_up_at is None else "Thư không gửi được",
            "Tiêu đề": crypto.decrypt(row.message).get("subject", ""),
            "Viết lúc": row.created_at,
        }
        for row in rows
    ]


AGREED: Final = "Đồng ý đã cho"
"""What the page shows with a button beside each purpose, and files as it is."""

EXPORTERS: Final[tuple[tuple[str, Export], ...]] = (
    ("Thông tin liên hệ", _contacts),
    ("Thư gửi tòa soạn", feedback.export_of),
    (AGREED, _agreed),
    ("Tài khoản", exporting.export_of),
    ("Bình luận", comments.export_of),
    ("Bài đã lưu", bookmarks.export_of),
    ("Mục theo dõi", follows.export_of),
    ("Thông báo", notifications.export_of),
    ("Bản tin", newsletter.export_of),
)
"""Each kind of thing that is kept of readers: its heading, and what gives a person's rows as words."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept of somebody: its heading and its rows, label by label."""

    heading: str
    rows: list[dict[str, Any]]


def kept(somebody: Person) -> tuple[Kept, ...]:
    """All that is kept about a person, kind by kind, empty kinds left out. Raises `crypto.Undecryptable`."""
    who = {"contact_ids": somebody.contact_ids, "user_ids": somebody.user_ids}
    found = [Kept(heading, export(**who)) for heading, export in EXPORTERS]
    found.append(Kept("Thư tòa soạn gửi bạn", _mails(somebody.email_digests)))
    return tuple(kind for kind in found if kind.rows)


def counted(email: str) -> dict[str, int] | None:
    """How many rows of each kind are kept about an address, by the kind's heading; None where they cannot be opened."""
    try:
        return {kind.heading: len(kind.rows) for kind in kept(person(email=email))}
    except crypto.Undecryptable:
        return None


# --- In words --------------------------------------------------------------------------------------------

_FILES: Final[dict[str, tuple[str, Callable[[Any], str]]]] = {
    "Số byte": ("Dung lượng", filetypes.size_in_words),
    "Kiểu": ("Kiểu", lambda kind: f"{'Ảnh ' if kind.startswith('image/') else ''}{kind.rpartition('/')[2].upper()}"),
}
"""What a file for machines has exactly, as a page says it: the label and what makes the words."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing kept, in words: its label, and its value (with where that is) or the things in it."""

    label: str
    text: str
    parts: tuple[tuple["Line", ...], ...] = ()
    url: str = ""


def in_words(row: dict[str, Any]) -> tuple[Line, ...]:
    """A row of an export as a reader reads it: empty ones left out, moments as a clock shows them.

    The address of an article is the link of its title.
    """
    lines = []
    for label, value in row.items():
        if value in (None, "", [], {}) or (label == "Địa chỉ" and "Bài" in row):
            continue
        if label in _FILES:
            said, worded = _FILES[label]
            lines.append(Line(said, worded(value)))
            continue
        label = label[:1].upper() + label[1:]
        if isinstance(value, list) and isinstance(value[0], dict):
            lines.append(Line(label, "", tuple(in_words(part) for part in value)))
        elif isinstance(value, list):
            lines.append(Line(label, ", ".join(_said(part) for part in value)))
        elif isinstance(value, dict):
            lines.append(Line(label, "", (in_words(value),)))
        else:
            lines.append(Line(label, _said(value), url=row.get("Địa chỉ", "") if label == "Bài" else ""))
    return tuple(lines)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "H:i j/n/Y")
    if hasattr(value, "year"):
        return date_format(value, "j/n/Y")
    return str(value)


# --- The desk --------------------------------------------------------------------------------------------

WAITING: Final = (DataRequestState.OPEN, DataRequestState.SUSPENDED)
