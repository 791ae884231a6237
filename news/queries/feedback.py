"""What is asked about readers' letters: by their senders, with a code and an address, and by the desk. Read-only."""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.models import User
from news import crypto
from news.models import (
    LAST_IN_QUEUE,
    Consent,
    ConsentWithdrawal,
    Edition,
    Exchange,
    Feedback,
    FeedbackAddition,
    FeedbackAnswer,
    FeedbackFile,
    FeedbackForward,
    FeedbackKind,
    FeedbackNote,
    FeedbackStatus,
    ReaderContact,
    ReplyTemplate,
)
from news.queries import addresses, consents
from news.queries.contacts import said_as
from news.queries.deadlines import SOON, clock, due_in_words
from news.text import passage as passages
from news.text.contacts import redact, unaddressed
from news.text.normalize import clean_line, nfc
from news.text.workdays import add_working_days

HANDLE: Final = "news.change_feedback"
"""Who works on letters: only they see who wrote them."""
ANSWER: Final = "news.add_feedbackanswer"

REPLY, FORWARD, PUBLISH = "reply", "forward", "publish"
"""What senders agree to: being answered, being passed on with their details, being printed without them."""

WAITING: Final = frozenset({FeedbackStatus.NEW, FeedbackStatus.OPEN})

OWN_WORDS: Final = ("body", "rating_words", "passage", "passage_before", "passage_after")
AROUND: Final[Mapping[type[Model], tuple[str, ...]]] = {
    FeedbackAnswer: ("body",),
    FeedbackNote: ("body",),
    FeedbackAddition: ("body",),
    FeedbackForward: ("recipient", "words"),
    Exchange: ("question", "answer"),
}
"""Where words stand that may hold a sender's details, besides the letter's own columns."""

CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""The unguessable part of a code is eight of these: none that look alike."""
_CODE: Final = re.compile(rf"PH(\d{{4}})(\d{{6,12}})([{CODE_LETTERS}]{{8}})")
_BEGINNING: Final = re.compile(r"PH\d{4}(\d{6,12})")
_BETWEEN: Final = re.compile(r"[^0-9A-Z]+")

SEEN: Final = "Đã xem thông tin liên hệ."
"""What the admin's history says when somebody opened a sender's details."""

MANY: Final = 20
"""How many letters of a kind the desk's first page counts up to."""

_NOBODY: Final = "-" * 64  # no digest looks like it


# --- Codes -----------------------------------------------------------------------------------------------


def code_of(received: datetime, pk: int, unguessable: str) -> str:
    """A letter's code: its year, its number, eight letters that nobody guesses."""
    return f"{reference_of(received, pk)}-{unguessable}"


def reference_of(received: datetime, pk: int) -> str:
    """A letter's code without the part that opens it: what a paper may carry that leaves the desk."""
    return f"PH-{received.year}-{pk:06d}"


def tidy_code(text: str) -> str:
    """The code meant, as it is stored; in small letters, with spaces or without its dashes. "" for what is none."""
    found = _CODE.fullmatch(_bare(text))
    return f"PH-{found[1]}-{found[2]}-{found[3]}" if found else ""


def number_in(text: str) -> int | None:
    """The letter's number, where the text is a code without its unguessable part."""
    found = _BEGINNING.fullmatch(_bare(text))
    return int(found[1]) if found else None


def number_of(text: str) -> int | None:
    """The number of the letter that a colleague means by its code or number, if there is one. One query."""
    bare = text.strip()
    if bare.isascii() and bare.isdecimal() and len(bare) < 19:
        rows = Feedback.objects.filter(pk=int(bare))
    elif (number := number_in(text)) is not None:
        rows = Feedback.objects.filter(pk=number)
    else:
        rows = Feedback.objects.filter(code=tidy_code(text) or "-")
    return rows.values_list("pk", flat=True).first()


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
class Added:
    """What the sender wrote later on."""

    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Followed:
    """A letter as its sender may see it: no note, no owner. `about` is None for a general letter.

    `due`: until when it is answered, in words, "" once it is; `rating`: 0 for none; `is_public`: its question and
    answer stand under the article; `agreed`: what its sender agreed to and has not taken back.
    """

    id: int
    code: str
    kind: str
    status: str
    meaning: str
    received_at: datetime
    due: str
    body: str
    passage: str
    file_count: int
    about: About | None
    replies: tuple[Reply, ...]
    additions: tuple[Added, ...]
    may_rate: bool
    rating: int
    rating_words: str
    is_public: bool
    agreed: tuple[consents.Agreed, ...]
    is_withdrawn: bool


_RECEIVED: Final = ("Đã tiếp nhận", "Tòa soạn đã nhận thư và sẽ xem.")
_WORDS: Final = {
    FeedbackStatus.NEW: _RECEIVED,
    FeedbackStatus.OPEN: ("Đang xử lý", "Tòa soạn đang xem và xử lý thư."),
    FeedbackStatus.ANSWERED: ("Đã trả lời", "Lời đáp ở dưới và đã gửi tới thư điện tử của bạn."),
    FeedbackStatus.CLOSED: ("Đã kết thúc", "Tòa soạn đã xử lý xong thư này."),
    FeedbackStatus.MERGED: ("Đang xử lý", "Tòa soạn đang xem và xử lý thư."),  # its main letter's state is shown
    FeedbackStatus.SPAM: _RECEIVED,  # a sender does not learn that the desk took it for one
}


_ANSWERED_TOGETHER: Final = "Tòa soạn trả lời chung các thư về việc này: lời đáp ở dưới."


def answers_to(letter: Feedback) -> QuerySet[FeedbackAnswer]:
    """What was written back to the letter, the oldest first: of a merged one, what its main letter got since then."""
    own = Q(feedback=letter.pk)
    if letter.merged_into_id is not None:
        own |= Q(feedback=letter.merged_into_id, answered_at__gte=letter.merged_at)
    return FeedbackAnswer.objects.filter(own).order_by("id")


def _replies(letter: Feedback) -> tuple[Reply, ...]:
    """The same as its sender may see it: without the details of who wrote the main letter. At most two queries."""
    main = letter.merged_into
    theirs = _details(main.contact_id) if main is not None and main.contact_id else ()
    return tuple(
        Reply(
            answer.body if answer.feedback_id == letter.pk else redact(unaddressed(answer.body, theirs), theirs),
            answer.answered_at,
        )
        for answer in answers_to(letter)
    )


def followed(code: str, email: str, at: datetime) -> Followed | None:
    """The letter of that code, if that address wrote it.

    An unknown code, a wrong address and a letter whose sender was erased take the same one query and the same time.
    """
    asked = crypto.digest(clean_line(email))
    row = Feedback.objects.filter(code=tidy_code(code)).values_list("pk", "contact__email_digest").first()
    pk, kept = row or (None, None)
    if not hmac.compare_digest((kept or _NOBODY).encode(), asked.encode()) or pk is None:
        return None
    return seen_by_sender(pk, at)


def seen_by_sender(pk: int, at: datetime) -> Followed:
    """The letter of that number as its sender sees it; who asks has proved to be that. Raises `DoesNotExist`."""
    letter = Feedback.objects.select_related("merged_into").get(pk=pk)
    main = letter.merged_into or letter
    replies = _replies(letter)
    status = FeedbackStatus(main.status)
    if replies and status == FeedbackStatus.SPAM:
        status = FeedbackStatus.ANSWERED
    shown, meaning = _WORDS[status]
    if main is not letter and status == FeedbackStatus.ANSWERED:
        meaning = _ANSWERED_TOGETHER
    waits = status in WAITING or status == FeedbackStatus.SPAM
    given = consents.of_person([letter.contact_id], []).first() if letter.contact_id else None
    agreed = {line.name: line for line in consents.lines(given)} if given else {}
    return Followed(
        id=letter.pk,
        code=letter.code,
        kind=FeedbackKind(letter.kind).label,
        status=shown,
        meaning=meaning,
        received_at=letter.received_at,
        due=due_in_words(main.due_at) if waits and main.due_at else "",
        body=letter.body,
        passage=letter.passage,
        file_count=letter.files.count(),
        about=about(letter.article_id, at) if letter.article_id else None,
        replies=replies,
        additions=tuple(Added(*row) for row in letter.additions.order_by("id").values_list("body", "added_at")),
        may_rate=bool(replies) and letter.rating is None,
        rating=letter.rating or 0,
        rating_words=letter.rating_words,
        is_public=Exchange.objects.filter(feedback=letter, withdrawn_at=None).exists(),
        agreed=tuple(line for line in agreed.values() if line.is_standing),
        is_withdrawn=REPLY in agreed and agreed[REPLY].withdrawn_at is not None,
    )


def _details(contact_id: int) -> tuple[str, ...]:
    """Another sender's details, to be taken out of what was written to them; none where they cannot be opened."""
    token = ReaderContact.objects.filter(pk=contact_id).values_list("details", flat=True).first()
    if token is None:
        return ()
    try:
        opened = crypto.decrypt(token)
    except crypto.Undecryptable:
        return ()
    return tuple(string for name in ("name", "email", "phone", "address") for string in said_as(opened, name))


def due_of(code: str) -> str:
    """Until when the letter of that code is answered, in words; "" where it waits no more. One query."""
    row = Feedback.objects.filter(code=code).values_list("due_at", "status").first()
    return due_in_words(row[0]) if row and row[0] and row[1] in WAITING | {FeedbackStatus.SPAM} else ""


def is_withdrawn(contact_id: int | None) -> bool:
    """Whether the sender took back that they may be written to. One query."""
    return ConsentWithdrawal.objects.filter(consent__contact_id=contact_id, purpose=REPLY).exists()


@dataclass(frozen=True, slots=True)
class Mine:
    """A letter in the list of a reader's own. `url`: its page for the reader who is logged in."""

    id: int
    code: str
    kind: str
    status: str
    received_at: datetime
    due: str
    beginning: str
    url: str


MINE: Final = 20


def mine(user_id: int, before: int | None = None) -> tuple[list[Mine], int | None]:
    """A reader's own letters, the newest first, and the number to go on before (None: that is all). One query."""
    rows = Feedback.objects.filter(account_id=user_id).select_related("merged_into").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    rows = rows.annotate(beginning=Substr("body", 1, EXCERPT)).defer("body", "rating_words")
    found = list(rows.defer("body", "merged_into__body", "merged_into__rating_words")[: MINE + 1])
    letters = []
    for row in found[:MINE]:
        main = row.merged_into or row
        status = FeedbackStatus(main.status)
        waits = status in WAITING or status == FeedbackStatus.SPAM
        letters.append(
            Mine(
                id=row.pk,
                code=row.code,
                kind=FeedbackKind(row.kind).label,
                status=_WORDS[status][0],
                received_at=row.received_at,
                due=due_in_words(main.due_at) if waits and main.due_at else "",
                beginning=" ".join(row.beginning.split()),
                url=addresses.own_letter(row.pk),
            )
        )
    return letters, letters[-1].id if len(found) > MINE else None


def own(pk: int, user_id: int, at: datetime) -> Followed | None:
    """A letter of that reader's account; None for anybody else's."""
    if not Feedback.objects.filter(pk=pk, account_id=user_id).exists():
        return None
    return seen_by_sender(pk, at)


_NOTES_UNTOLD: Final = "chỉ dùng để xử lý thư, không hiện ở đây; muốn biết thêm thì viết cho tòa soạn"


def export_of(*, contact_ids: Iterable[int], user_ids: Iterable[int]) -> list[dict[str, Any]]:
    """A person's letters with all that is kept of them, the newest first, label by label.

    What the desk wrote among itself is counted, not told: its notes, and the words that went along with a forward.
    """
    theirs = Q(contact_id__in=list(contact_ids)) | Q(account_id__in=list(user_ids))
    letters = Feedback.objects.filter(theirs).select_related("exchange", "merged_into").order_by("-id")
    letters = letters.annotate(note_count=Count("notes"))
    told = [
        {
            "Loại": row.get_kind_display(),
            "Mã": row.code,
            "Tình trạng": _WORDS[FeedbackStatus((row.merged_into or row).status)][0],
            "Gửi lúc": row.received_at,
            "Nội dung": row.body,
            **({"Đoạn báo lỗi": row.passage} if row.passage else {}),
            "Viết thêm": [{"Lúc": item.added_at, "Nội dung": item.body} for item in _in_order(row.additions)],
            "Tòa soạn trả lời": [
                {"Lúc": item.at if isinstance(item, Reply) else item.answered_at, "Nội dung": item.body}
                for item in (_replies(row) if row.merged_into_id else _in_order(row.answers))
            ],
            "Ghi chú nội bộ": f"{row.note_count}, {_NOTES_UNTOLD}" if row.note_count else "",
            "Tệp gửi kèm": [{"Kiểu": item.content_type, "Số byte": item.byte_count} for item in _in_order(row.files)],
            "Đã chuyển tới": [
                {
                    "Lúc": item.forwarded_at,
                    "Nơi nhận": item.recipient,
                    "Kèm thông tin liên hệ": "có" if item.with_sender else "không",
                }
                for item in _in_order(row.forwards)
            ],
            **_printed(getattr(row, "exchange", None)),
            **({"Điểm đã chấm": row.rating, "Nhận xét": row.rating_words} if row.rating else {}),
        }
        for row in letters.prefetch_related("additions", "answers", "files", "forwards")
    ]
    return [{label: value for label, value in row.items() if value not in ([], "")} for row in told]


def _in_order(rows: Any) -> list[Any]:
    """Prefetched rows, the oldest first."""
    return sorted(rows.all(), key=lambda row: row.pk)


def _printed(shown: Exchange | None) -> dict[str, Any]:
    if shown is None:
        return {}
    gone = shown.withdrawn_at or "chưa gỡ"
    told = {"Lúc": shown.published_at, "Câu hỏi": shown.question, "Trả lời": shown.answer, "Gỡ lúc": gone}
    return {"Đã đăng": [told]}


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
    notes: list[FeedbackNote]
    additions: list[FeedbackAddition]
    files: list[FeedbackFile]
    forwards: list[FeedbackForward]
    exchange: Exchange | None
    merged: list[Feedback]
    alike: list[Feedback]
    passage_address: str
    stamp: str

    def agrees(self, purpose: str) -> bool:
        """Whether the sender agreed to that purpose and has not taken it back."""
        return any(line.name == purpose and line.is_standing for line in self.agreed)

    @property
    def may_publish(self) -> bool:
        """Whether question and answer may be printed under the article."""
        return self.letter.article_id is not None and self.agrees(PUBLISH)

    @property
    def may_forward_details(self) -> bool:
        """Whether the sender's details may go along when the letter is passed on."""
        return self.agrees(FORWARD)


ALIKE: Final = 20
"""How many other reports of the same passage are shown."""


def letter_page(pk: int, at: datetime) -> LetterPage | None:
    """The letter of that number: at most twelve queries."""
    letter = Feedback.objects.select_related("owner", "merged_into").filter(pk=pk).first()
    if letter is None:
        return None
    answers = list(letter.answers.select_related("answered_by").order_by("id"))
    given = consents.of_person([letter.contact_id], []).first() if letter.contact_id else None
    seen = about(letter.article_id, at) if letter.article_id else None
    pointed = passages.Passage(letter.passage, letter.passage_before, letter.passage_after)
    return LetterPage(
        letter=letter,
        about=seen,
        answers=answers,
        consent=given,
        agreed=consents.lines(given) if given else (),
        notes=list(letter.notes.select_related("written_by").order_by("id")),
        additions=list(letter.additions.order_by("id")),
        files=list(letter.files.order_by("id")),
        forwards=list(letter.forwards.select_related("forwarded_by").order_by("id")),
        exchange=Exchange.objects.filter(feedback=letter).select_related("published_by").first(),
        merged=list(letter.merged.defer("body").order_by("id")),
        alike=list(same_passage(letter)[:ALIKE]) if letter.passage_key else [],
        passage_address=f"{seen.url}{passages.fragment(pointed)}" if seen and seen.url and letter.passage else "",
        stamp=stamp_of(letter, answers[-1].pk if answers else 0),
    )


def same_passage(letter: Feedback) -> QuerySet[Feedback]:
    """Other letters that point at the same words of the same article, the newest first."""
    rows = Feedback.objects.filter(article_id=letter.article_id or 0, passage_key=letter.passage_key)
    return rows.exclude(pk=letter.pk).defer("body").order_by("-id")


def ready_answers() -> list[ReplyTemplate]:
    """The ready-made answers in use, in their order. One query."""
    return list(ReplyTemplate.objects.filter(is_offered=True).order_by("order", "name")[:50])


PARTS: Final = ("tình trạng", "người phụ trách", "hạn trả lời", "loại", "lời đáp")
"""What a stamp covers, in its order."""


def stamp_of(letter: Feedback, last_answer: int) -> str:
    """A short hash of each part that somebody at the desk may change, in the order of `PARTS`."""
    due = letter.due_at.astimezone(UTC).isoformat() if letter.due_at else ""
    parts = (letter.status, letter.owner_id or 0, due, letter.kind, last_answer)
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


def late(letters: QuerySet[Feedback], at: datetime) -> QuerySet[Feedback]:
    """Those that wait and are late: the head of the queue's index."""
    return letters.filter(status__in=WAITING, queue_at__lt=at)


def soon_due(letters: QuerySet[Feedback], at: datetime) -> QuerySet[Feedback]:
    """Those that wait and are soon due, along the queue's index. Two queries for the calendar."""
    last = add_working_days(timezone.localdate(at), SOON, clock().calendar)
    end = timezone.make_aware(datetime.combine(last, time.max))
    return letters.filter(status__in=WAITING, queue_at__gte=at, queue_at__lte=end)


@dataclass(frozen=True, slots=True)
class WaitingLetters:
    """How many letters wait for what, in words: "0", "7", "20+". `mine`: for whom it is asked is in charge of them."""

    new: str
    late: str
    soon: str
    mine: str

    @property
    def has_any(self) -> bool:
        """Whether there is something to do."""
        return (self.new, self.late, self.soon, self.mine) != ("0", "0", "0", "0")


def waiting_letters(user: User, at: datetime) -> WaitingLetters:
    """The letters that wait: six queries for a few rows each, nothing is counted beyond `MANY`."""
    letters = Feedback.objects.all()
    # Wrapped, so that the way leads through what waits and not through all that the user ever had in charge.
    mine = letters.filter(Exact(Coalesce(F("owner"), F("owner")), user.pk), status__in=WAITING)
    return WaitingLetters(
        new=_up_to(letters.filter(status=FeedbackStatus.NEW).order_by("-id")),
        late=_up_to(late(letters, at).order_by("queue_at", "id")),
        soon=_up_to(soon_due(letters, at).order_by("queue_at", "id")),
        mine=_up_to(mine.filter(queue_at__lte=LAST_IN_QUEUE).order_by("queue_at", "id")),
    )


def _up_to(rows: QuerySet[Feedback]) -> str:
    count = len(rows.values_list("pk")[: MANY + 1])
    return f"{MANY}+" if count > MANY else str(count)


# --- Under the article -----------------------------------------------------------------------------------

EXCHANGES: Final = 20
"""On a page of the form."""
EXCHANGES_OF_ARTICLE: Final = 3
"""On the article's own page, which leads to the others."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A reader's question and the newsroom's answer, as everybody sees them."""

    id: int
    question: str
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExchangeList:
    """Questions and answers under an article; `older`: the number to go on before, None where that is all."""

    rows: tuple[Exchanged, ...] = ()
    older: int | None = None


def exchanges(article_id: int, before: int | None = None, count: int = EXCHANGES) -> ExchangeList:
    """What is published under an article, the newest first. One query."""
    rows = Exchange.objects.filter(article_id=article_id, withdrawn_at=None).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.values_list("pk", "question", "answer", "published_at")[: count + 1])
    shown = tuple(Exchanged(*row) for row in found[:count])
    return ExchangeList(shown, shown[-1].id if len(found) > count else None)


def digest_of(parts: Iterable[str]) -> str:
    """A short hash of a list of strings."""
    return crypto.sha256(crypto.canonical(list(parts)))[:24]
