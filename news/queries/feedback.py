"""What is asked about readers' letters: by their senders, with a code and an address, and by the desk. Read-only."""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr

from accounts.models import User
from news import crypto
from news.models import Consent, Edition, Feedback, FeedbackAnswer, FeedbackKind, FeedbackStatus
from news.queries import addresses, consents
from news.text.normalize import clean_line, nfc

HANDLE: Final = "news.change_feedback"
"""Who works on letters: only they see who wrote them."""
ANSWER: Final = "news.add_feedbackanswer"

CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""The unguessable part of a code is eight of these: none that look alike."""
_CODE: Final = re.compile(rf"PH(\d{{4}})(\d{{6,12}})([{CODE_LETTERS}]{{8}})")
_BEGINNING: Final = re.compile(r"PH\d{4}(\d{6,12})")
_BETWEEN: Final = re.compile(r"[^0-9A-Z]+")

SEEN: Final = "Đã xem thông tin liên hệ."
"""What the admin's history says when somebody opened a sender's details."""

MANY: Final = 20
"""How many new letters the desk's first page counts up to."""

_NOBODY: Final = "-" * 64  # no digest looks like it


# --- Codes -----------------------------------------------------------------------------------------------


def code_of(received: datetime, pk: int, unguessable: str) -> str:
    """A letter's code: its year, its number, eight letters that nobody guesses."""
    return f"PH-{received.year}-{pk:06d}-{unguessable}"


def tidy_code(text: str) -> str:
    """The code meant, as it is stored; in small letters, with spaces or without its dashes. "" for what is none."""
    found = _CODE.fullmatch(_bare(text))
    return f"PH-{found[1]}-{found[2]}-{found[3]}" if found else ""


def number_in(text: str) -> int | None:
    """The letter's number, where the text is a code without its unguessable part."""
    found = _BEGINNING.fullmatch(_bare(text))
    return int(found[1]) if found else None


def _bare(text: str) -> str:
    return _BETWEEN.sub("", nfc(text[:200]).upper())


# --- The sender ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """The article a letter is about, as readers see it now; both empty when they no longer do."""

    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the newsroom wrote back; who of it is no business of the reader's."""

    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Followed:
    """A letter as its sender may see it: no note, no owner, no deadline. `about` is None for a general letter."""

    code: str
    kind: str
    status: str
    meaning: str
    received_at: datetime
    body: str
    about: About | None
    replies: tuple[Reply, ...]


_RECEIVED: Final = ("Đã tiếp nhận", "Tòa soạn đã nhận thư và sẽ xem.")
_WORDS: Final = {
    FeedbackStatus.NEW: _RECEIVED,
    FeedbackStatus.OPEN: ("Đang xử lý", "Tòa soạn đang xem và xử lý thư."),
    FeedbackStatus.ANSWERED: ("Đã trả lời", "Lời đáp ở dưới và đã gửi tới thư điện tử của bạn."),
    FeedbackStatus.CLOSED: ("Đã kết thúc", "Tòa soạn đã xử lý xong thư này."),
    FeedbackStatus.SPAM: _RECEIVED,  # a sender does not learn that the desk took it for one
}


def followed(code: str, email: str, at: datetime) -> Followed | None:
    """The letter of that code, if that address wrote it.

    An unknown code, a wrong address and a letter whose sender was erased take the same one query and the same time.
    """
    asked = crypto.digest(clean_line(email))
    row = Feedback.objects.filter(code=tidy_code(code)).values_list("pk", "contact__email_digest").first()
    pk, kept = row or (None, None)
    if not hmac.compare_digest((kept or _NOBODY).encode(), asked.encode()) or pk is None:
        return None
    letter = Feedback.objects.get(pk=pk)
    replies = tuple(
        Reply(body, moment)
        for body, moment in letter.answers.order_by("id").values_list("body", "answered_at")  # one query
    )
    answered = replies and letter.status == FeedbackStatus.SPAM
    status, meaning = _WORDS[FeedbackStatus.ANSWERED if answered else FeedbackStatus(letter.status)]
    return Followed(
        code=letter.code,
        kind=FeedbackKind(letter.kind).label,
        status=status,
        meaning=meaning,
        received_at=letter.received_at,
        body=letter.body,
        about=about(letter.article_id, at) if letter.article_id else None,
        replies=replies,
    )


def about(article_id: int, at: datetime) -> About:
    """What readers see of the article now. One query."""
    seen = Edition.objects.live(at).filter(article_id=article_id).values_list("slug", "title").first()
    return About(seen[1], addresses.article(seen[0], article_id)) if seen else About()


# --- The desk --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A letter with what the desk shows around it; nothing of who wrote it. `stamp` tells this state from a later."""

    letter: Feedback
    about: About | None
    answers: list[FeedbackAnswer]
    consent: Consent | None
    agreed: tuple[consents.Agreed, ...]
    stamp: str


def letter_page(pk: int, at: datetime) -> LetterPage | None:
    """The letter of that number: at most five queries."""
    letter = Feedback.objects.select_related("owner").filter(pk=pk).first()
    if letter is None:
        return None
    answers = list(letter.answers.select_related("answered_by").order_by("id"))
    given = consents.of_person([letter.contact_id], []).first() if letter.contact_id else None
    return LetterPage(
        letter=letter,
        about=about(letter.article_id, at) if letter.article_id else None,
        answers=answers,
        consent=given,
        agreed=consents.lines(given) if given else (),
        stamp=stamp_of(letter, answers[-1].pk if answers else 0),
    )


PARTS: Final = ("tình trạng", "người phụ trách", "hạn trả lời", "ghi chú nội bộ", "lời đáp")
"""What a stamp covers, in its order."""


def stamp_of(letter: Feedback, last_answer: int) -> str:
    """A short hash of each part that somebody at the desk may change, in the order of `PARTS`."""
    due = letter.due_at.astimezone(UTC).isoformat() if letter.due_at else ""
    parts = (letter.status, letter.owner_id or 0, due, letter.internal_note, last_answer)
    return ".".join(crypto.sha256(str(part))[:12] for part in parts)


def changed_parts(seen: str, now: str) -> tuple[str, ...]:
    """The names of the parts in which two stamps differ; all of them when `seen` is no stamp."""
    old, new = seen.split("."), now.split(".")
    if len(old) != len(new):
        return PARTS
    return tuple(name for name, before, after in zip(PARTS, old, new, strict=True) if before != after)


def log_of(pk: int) -> QuerySet[LogEntry]:
    """The admin's history of a letter, the newest first."""
    kind = ContentType.objects.get_for_model(Feedback)
    return LogEntry.objects.filter(content_type=kind, object_id=str(pk)).order_by("-id")


def last_change(pk: int) -> LogEntry | None:
    """Who did something to a letter last; looking at the sender's details changes nothing."""
    return log_of(pk).exclude(change_message=SEEN).select_related("user").first()


def handlers(also: int | None = None) -> QuerySet[User]:
    """Who may be in charge of a letter: colleagues whose role lets them, and who already is (`also`)."""
    app, codename = HANDLE.split(".")
    granted = {"content_type__app_label": app, "codename": codename}
    by_role = Q(**{f"groups__permissions__{name}": value for name, value in granted.items()})
    by_name = Q(**{f"user_permissions__{name}": value for name, value in granted.items()})
    able = User.objects.filter(by_role | by_name, is_active=True, is_staff=True).values("pk")
    return User.objects.filter(Q(pk__in=able) | Q(pk=also)).order_by("full_name", "pk")


EXCERPT: Final = 240
"""How much of a letter a list fetches."""


def for_list(letters: QuerySet[Feedback], at: datetime) -> QuerySet[Feedback]:
    """Each letter with its beginning and with what readers see of its article, in the same query."""
    live = Edition.objects.live(at).filter(article=OuterRef("article_id"))
    return letters.annotate(
        beginning=Substr("body", 1, EXCERPT),
        live_title=Subquery(live.values("title")[:1]),
        live_slug=Subquery(live.values("slug")[:1]),
    )


@dataclass(frozen=True, slots=True)
class NewLetters:
    """How many letters nobody has looked at, in words: "0", "7", "20+"."""

    count: str

    @property
    def has_any(self) -> bool:
        """Whether there is something to do."""
        return self.count != "0"


def new_letters() -> NewLetters:
    """The letters that wait: one query for a few rows, nothing is counted beyond `MANY`."""
    rows = Feedback.objects.filter(status=FeedbackStatus.NEW).order_by("-id").values_list("pk")[: MANY + 1]
    count = len(rows)
    return NewLetters(f"{MANY}+" if count > MANY else str(count))
