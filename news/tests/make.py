"""Builders for tests: real rows through the real services, with short defaults."""

import io
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.flatpages.models import FlatPage
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image as Pillow

from accounts import roles
from accounts.models import User
from news import crypto
from news.models import (
    Article,
    Attendee,
    Author,
    Comment,
    CommentStatus,
    Contribution,
    Delegation,
    Edition,
    Feedback,
    FeedbackKind,
    Frequency,
    Image,
    IssueState,
    NewsletterIssue,
    Organisation,
    Person,
    Position,
    Recording,
    Role,
    Section,
    SectionRight,
    Side,
    Subscriber,
    SubscriberState,
    Tag,
    TagKind,
)
from news.queries import comments as comment_questions
from news.services import (
    attending,
    commenting,
    consenting,
    contacting,
    editing,
    feedback,
    filing,
    moderating,
    picturing,
    publishing,
    registering,
    reviewing,
    standing,
)
from news.tests import specimens
from news.text.mailbox import mailbox

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
"""Monday 2 March 2026, 10:00 in Vietnam: the tests' usual moment (always in the past of the real clock)."""

_serial = count(1)


PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
"""What a reader's browser says of itself."""


def make_user(role: str | None = "reporter", *, everywhere: bool = True, **fields: Any) -> User:
    """A user with a role (None: a reader), with a right to every section unless told otherwise."""
    number = next(_serial)
    fields.setdefault("username", f"{role or 'doc-gia'}-{number}")
    fields.setdefault("full_name", f"Người {number}")
    user = User.objects.create_user(is_staff=role is not None, password=fields.pop("password", None), **fields)
    if role is not None:
        if not Group.objects.filter(name=roles.ROLES[0].name).exists():
            roles.sync()
        user.groups.add(roles.group_of(role))
        if everywhere and role in {"editor", "secretary", "chief"}:
            SectionRight.objects.create(user=user)
    return user


def make_section(name: str = "", **fields: Any) -> Section:
    """A section with two gates."""
    return registering.keep(Section(name=name or f"Chuyên mục {next(_serial)}", **fields))


def make_tag(name: str = "", kind: TagKind = TagKind.TAG) -> Tag:
    """A tag."""
    return registering.keep(Tag(name=name or f"Từ khóa {next(_serial)}", kind=kind))


def make_author(name: str = "", user: User | None = None) -> Author:
    """A name that signs."""
    return registering.keep(Author(name=name or f"Tác giả {next(_serial)}", user=user))


def make_organisation(name: str = "", **fields: Any) -> Organisation:
    """An organisation."""
    return registering.keep(Organisation(name=name or f"Cơ quan {next(_serial)}", **fields))


def make_person(name: str = "", *positions: tuple[str, date | None, date | None]) -> Person:
    """A person with positions (title, from, to)."""
    person = registering.keep(Person(name=name or f"Nguyễn Văn {next(_serial)}", is_verified=True))
    for rank, (title, from_on, to_on) in enumerate(positions, start=1):
        Position.objects.create(person=person, title=title, from_on=from_on, to_on=to_on, protocol_rank=rank)
    return person


def make_delegation(name: str = "", *attendees: Attendee, **fields: Any) -> Delegation:
    """A delegation with its lines, in the order given."""
    fields.setdefault("from_on", date(2026, 3, 1))
    delegation = registering.keep(Delegation(name=name or f"Đoàn công tác {next(_serial)}", **fields))
    for order, attendee in enumerate(attendees):
        attendee.order = order
        attending.keep(attendee=attendee, delegation=delegation)
    return delegation


def attendee(
    person: Person | None = None,
    *,
    group: str = "",
    side: Side = Side.DELEGATION,
    role: Role = Role.ATTEND,
    positions: str = "",
) -> Attendee:
    """An unsaved line for `make_delegation`."""
    return Attendee(person=person, group=group, side=side, role=role, positions=positions)


def picture_bytes(width: int = 800, height: int = 500, colour: str = "teal", kind: str = "JPEG") -> bytes:
    """A real picture file."""
    buffer = io.BytesIO()
    Pillow.new("RGB", (width, height), colour).save(buffer, kind)
    return buffer.getvalue()


def make_standing_page(url: str, title: str = "Một trang", content: str = "<p>Nội dung.</p>") -> FlatPage:
    """A standing page."""
    return standing.keep(FlatPage(url=url, title=title, content=content))


def make_image(colour: str = "teal", **texts: str) -> Image:
    """A picture of the library."""
    texts.setdefault("alt", "Một tấm ảnh")
    texts.setdefault("caption", "Chú thích của ảnh")
    texts.setdefault("credit", "PV")
    return picturing.add(upload=io.BytesIO(picture_bytes(colour=colour)), actor=None, at=NOW, **texts)


def make_recording(title: str = "", *, by: User | None = None, **texts: Any) -> Recording:
    """A sound of the library, each with its own bytes."""
    number = next(_serial)
    by = by or make_user("reporter")
    upload = SimpleUploadedFile("a.mp3", specimens.mp3(frames=10 + number))
    held = filing.hold(upload=upload, kinds=filing.PLAYED, actor=by)
    texts.setdefault("transcript", "Kính chào quý vị.")
    return filing.record(held=held, actor=by, at=NOW, title=title or f"Bản ghi {number}", **texts)


def make_article(
    title: str = "",
    *,
    author: User | None = None,
    byline: tuple[Author, ...] | None = None,
    tags: tuple[Tag, ...] = (),
    delegations: tuple[Delegation, ...] = (),
    at: datetime = NOW - timedelta(hours=2),
    **fields: Any,
) -> Article:
    """A draft, saved by its author; signed "PV" unless told otherwise, so that it may be published."""
    if byline is None:
        byline = (Author.objects.filter(name="PV").first() or make_author("PV"),)
    fields.setdefault("section", Section.objects.first() or make_section())
    fields.setdefault("lead", "Một đoạn mở đầu.")
    fields.setdefault("body", "<p>Nội dung bài viết.</p>")

    def save_related(article: Article) -> None:
        for order, name in enumerate(byline):
            Contribution.objects.create(article=article, author=name, order=order)
        article.tags.set(tags)
        article.delegations.set(delegations)

    return editing.create(
        article=Article(title=title or f"Bài số {next(_serial)}", **fields),
        actor=author or make_user("reporter"),
        at=at,
        save_related=save_related,
    )


def approve(article: Article, *, at: datetime = NOW - timedelta(minutes=30), by: User | None = None) -> Article:
    """Take a draft through its gates to approval, each step by another person. `by` is who approves."""
    assert article.created_by is not None
    reviewing.advance(
        article_id=article.pk, transition="submit", actor=article.created_by, at=at - timedelta(minutes=30)
    )
    if article.section.gates == 2:
        reviewing.advance(
            article_id=article.pk, transition="pass", actor=make_user("editor"), at=at - timedelta(minutes=15)
        )
    approver = by or make_user("secretary")
    return reviewing.advance(article_id=article.pk, transition="approve", actor=approver, at=at)


def publish(article: Article, *, at: datetime = NOW, by: User | None = None) -> Edition:
    """Take a draft all the way: readers see it from `at` on."""
    approved = approve(article, at=at - timedelta(minutes=5), by=by)
    assert approved.approved_by is not None
    return publishing.publish(article_id=article.pk, actor=approved.approved_by, at=at)


def schedule(article: Article, *, visible_from: datetime, at: datetime = NOW) -> Edition:
    """Take a draft to a schedule."""
    approved = approve(article, at=at - timedelta(minutes=5))
    assert approved.approved_by is not None
    return publishing.schedule(article_id=article.pk, actor=approved.approved_by, at=at, visible_from=visible_from)


def revise(article: Article, *, at: datetime, editor: User | None = None, **fields: Any) -> Article:
    """Reopen a published article, change it and take it to approval again; readers still see the old edition."""
    editor = editor or make_user("editor")
    reviewing.advance(article_id=article.pk, transition="reopen", actor=editor, at=at)
    fresh = Article.objects.select_related("section").get(pk=article.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    editing.change(article=fresh, actor=editor, at=at + timedelta(minutes=1), version=fresh.version)
    if fresh.section.gates == 2:
        reviewing.advance(article_id=article.pk, transition="pass", actor=editor, at=at + timedelta(minutes=2))
    return reviewing.advance(
        article_id=article.pk, transition="approve", actor=make_user("secretary"), at=at + timedelta(minutes=3)
    )


def withdraw(article: Article, *, at: datetime, reason: str = "Theo yêu cầu của cơ quan chức năng") -> None:
    """Take a published article away."""
    publishing.withdraw(article_id=article.pk, actor=make_user("secretary"), at=at, reason=reason)


def make_letter(
    body: str = "Một lá thư của bạn đọc.",
    *,
    article: Article | None = None,
    kind: FeedbackKind = FeedbackKind.OPINION,
    at: datetime = NOW,
    is_suspect: bool = False,
    **sender: str,
) -> Feedback:
    """A reader's letter, received as from the form; each has its own sender unless told otherwise."""
    number = next(_serial)
    sender = {
        "name": "Lò Thị Mai",
        "email": f"mai-{number}@example.vn",
        "phone": "0912 345 678",
        "address": "Bản Nà Tăm",
        **sender,
    }
    letter = feedback.Letter(kind=kind, body=body, is_suspect=is_suspect, **sender)
    return feedback.receive(
        letter=letter,
        article=article,
        consent=consenting.current(feedback.FORM, at),
        purposes=["reply"],
        address="/phan-hoi/",
        sender=f"198.51.{number // 250}.{number % 250}",
        at=at,
    )


def comment_form(client: Any, edition: Edition, number: int = 0, **words: str) -> Any:
    """Send the form for a comment (or for an answer to that one) as a reader does who took half a minute over it."""
    address = f"/tin/{edition.slug}-{edition.article_id}/binh-luan/{f'{number}/tra-loi' if number else 'viet'}/"
    opened = signing.Signer(salt="news.comment.opened").sign(f"{int(timezone.now().timestamp()) - 30}.{next(_serial)}")
    consent = consenting.current(commenting.FORM, timezone.now())
    agreed = {"consent_text": str(consent.pk), "agree_publish": "on"}
    return client.post(address, {"body": "Một bình luận.", "opened": opened, **agreed, **words})


def make_comment(
    edition: Edition,
    body: str = "",
    *,
    author: User | None = None,
    answering: Comment | None = None,
    is_shown: bool = True,
    at: datetime | None = None,
    **guest: str,
) -> Comment:
    """A comment, of a guest unless an author is given, approved by a moderator unless told otherwise."""
    number = next(_serial)
    at = at or timezone.now()
    told: dict[str, Any] = {}
    if author is None:
        guest = {"name": f"Khách {number}", "email": f"khach-{number}@example.vn", **guest}
        told = {"consent": consenting.current(commenting.FORM, at), "purposes": ["publish"], "address": "/tin/"}
    row = commenting.write(
        words=commenting.Words(body=body or f"Bình luận thứ {number} của bạn đọc.", **guest),
        edition=edition,
        author=author,
        answering=answering.pk if answering else None,
        sender=f"203.0.{number // 250}.{number % 250}",
        at=at,
        **told,
    )
    if is_shown and row.status == CommentStatus.HELD:
        stamp = comment_questions.stamp_of(row)
        row = moderating.decide(comment_id=row.pk, step="approve", actor=make_user("moderator"), at=at, stamp=stamp)
    return row


def make_subscriber(
    email: str, *sections: Section, frequency: Frequency = Frequency.DAILY, at: datetime = NOW
) -> Subscriber:
    """Somebody who gets the newsletter."""
    contact = contacting.keep(details={"email": email}, keep_until=None, at=at)
    row = Subscriber.objects.create(
        contact=contact,
        mailbox_digest=crypto.digest(mailbox(email)),
        frequency=frequency,
        state=SubscriberState.ACTIVE,
        key="k" * 22,
        created_at=at,
        confirmed_at=at,
    )
    row.sections.set(sections)
    return row


def make_issue(at: datetime = NOW, **fields: Any) -> NewsletterIssue:
    """A daily newsletter that was sent."""
    fields.setdefault("state", IssueState.DONE)
    return NewsletterIssue.objects.create(
        frequency=Frequency.DAILY, day=at.date(), since=at - timedelta(days=1), until=at, is_addressed=True, **fields
    )
