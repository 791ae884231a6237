"""The demo newsroom: source data of `fixtures/demo`, published through the services, so its ledger verifies."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db import transaction
from django.utils import timezone

from accounts import roles
from accounts.models import User
from news import markup
from news.models import (
    Article,
    Attendee,
    Comment,
    Contribution,
    Delegation,
    Edition,
    Feedback,
    FeedbackKind,
    Image,
    Masthead,
    Organisation,
    Person,
    PersonSpelling,
    Position,
    ReportReason,
    Section,
    SectionRight,
    Tag,
    TagKind,
    ViewCount,
)
from news.queries import comments as comment_questions
from news.queries import feedback as letter_questions
from news.services import (
    airing,
    attending,
    commenting,
    consenting,
    corresponding,
    editing,
    feedback,
    forwarding,
    moderating,
    picturing,
    publishing,
    registering,
    reviewing,
    standing,
)
from news.text import passage as passages
from news.text.normalize import clean_line, fold
from news.text.slug import slugify

FOLDER: Path = settings.BASE_DIR / "fixtures" / "demo"
Row = dict[str, Any]


def is_empty() -> bool:
    """Whether the newsroom has nothing yet, nobody included: the demo never mixes with real work."""
    return not (Article.objects.exists() or Section.objects.exists() or User.objects.exists())


def load(*, password: str, at: datetime) -> int:
    """Fill an empty newsroom as of `at`; all demo users get `password`. Returns how many articles are live."""
    newsroom = json.loads((FOLDER / "newsroom.json").read_text(encoding="utf-8"))
    articles = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / "articles").glob("*.json"))]
    roles.sync()
    with transaction.atomic():  # all of it or nothing: a demo that was cut short is loaded again
        registering.keep(
            Masthead(**{**newsroom["masthead"], "licence_issued_on": _day(newsroom["masthead"]["licence_issued_on"])})
        )
        _sections(newsroom["sections"])
        users = {row["username"]: _user(row, password) for row in newsroom["users"]}
        _organisations(newsroom["organisations"])
        for row in newsroom["people"]:
            _person(row)
        articles.sort(key=lambda row: _published_at(row, at))
        for row in articles:
            _publish(row, users, at)
        _count_views(articles, at)
        _comments(json.loads((FOLDER / "comments.json").read_text(encoding="utf-8")), articles, users, at)
        _letters(json.loads((FOLDER / "letters.json").read_text(encoding="utf-8")), users, at)
        _standing_pages()
    return Edition.objects.live(at).count()


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _published_at(row: Row, at: datetime) -> datetime:
    if "published_at" in row:
        return datetime.fromisoformat(row["published_at"])
    return at - timedelta(hours=row["hours_ago"])


def _sections(rows: list[Row]) -> None:
    made: dict[str, Section] = {}
    for order, row in enumerate(rows):
        made[row["slug"]] = registering.keep(
            Section(
                name=row["name"],
                slug=row["slug"],
                gates=row.get("gates", 2),
                description=row.get("description") or "",
                parent=made[row["parent"]] if row.get("parent") else None,
                order=order,
            )
        )


def _user(row: Row, password: str) -> User:
    user = User.objects.create_user(
        row["username"], f"{row['username']}@example.vn", password, full_name=row["full_name"], is_staff=True
    )
    user.groups.add(roles.group_of(row["role"]))
    if row["role"] in {"editor", "secretary", "chief"}:
        SectionRight.objects.create(user=user)
    if row.get("author"):
        author = registering.author_named(row["author"])
        author.user, author.is_pen_name = user, row["author"] != row["full_name"]
        registering.keep(author)
    return user


def _organisations(rows: list[Row]) -> None:
    for row in rows:
        registering.keep(
            Organisation(
                name=row["name"],
                abbreviation=row.get("abbreviation") or "",
                level=row["level"],
                valid_from=_day(row.get("valid_from")),
                valid_to=_day(row.get("valid_to")),
            )
        )
    for row in rows:
        if row.get("successor"):
            organisation = _organisation(row["name"])
            organisation.successor = _organisation(row["successor"])
            registering.keep(organisation)


def _organisation(name: str) -> Organisation:
    found = Organisation.objects.filter(name_key=fold(name)).first()
    return found or registering.keep(Organisation(name=name))


def _person(row: Row) -> Person:
    person = registering.keep(Person(name=row["name"], is_verified=bool(row.get("verified"))))
    for spelling in row.get("spellings", ()):
        registering.keep(PersonSpelling(person=person, name=spelling))
    for held in row.get("positions", ()):
        registering.keep(
            Position(
                person=person,
                title=held["title"],
                organisation=_organisation(held["organisation"]) if held.get("organisation") else None,
                from_on=_day(held.get("from_on")),
                to_on=_day(held.get("to_on")),
                protocol_rank=held.get("protocol_rank"),
            )
        )
    return person


def _delegation(row: Row) -> Delegation:
    delegation = registering.keep(
        Delegation(
            name=row["name"],
            visiting_organisation=_organisation(row["visiting"]) if row.get("visiting") else None,
            host_organisation=_organisation(row["host"]) if row.get("host") else None,
            places="\n".join(row.get("places", ())),
            from_on=_day(row.get("from_on")),
            to_on=_day(row.get("to_on")),
            date_text=row.get("date_text") or "",
            purpose=row.get("purpose") or "",
        )
    )
    for order, line in enumerate(row["attendees"]):
        person = None
        if line.get("person"):
            person = Person.objects.filter(name=line["person"]).first() or _person({"name": line["person"]})
        attending.keep(
            attendee=Attendee(
                person=person,
                group=line.get("group") or "",
                positions="\n".join(line.get("positions", ())),
                side=line["side"],
                role=line["role"],
                order=order,
            ),
            delegation=delegation,
        )
    return delegation


def _image(row: Row, actor: User, at: datetime) -> Image:
    with (FOLDER / "pictures" / row["file"]).open("rb") as upload:
        return picturing.add(
            upload=upload,
            actor=actor,
            at=at,
            alt=row["alt"],
            caption=row.get("caption") or "",
            credit=row.get("credit") or "",
        )


def _tags(row: Row) -> list[Tag]:
    tags = [registering.tag_named(name) for name in row.get("tags", ())]
    for name in row.get("topics", ()):
        topic = Tag.objects.filter(slug=slugify(name)).first()
        tags.append(topic or registering.keep(Tag(name=name, kind=TagKind.TOPIC)))
    return tags


def _publish(row: Row, users: dict[str, User], now: datetime) -> None:
    """Written by a reporter, edited by an editor, approved and published by a secretary: three people, four eyes."""
    moment = _published_at(row, now)
    authors = [registering.author_named(name) for name in row["byline"]]
    writer = next((author.user for author in authors if author.user), None) or users["phongvien"]
    editor = users["bientapvien"] if writer != users["bientapvien"] else users["bientapvien2"]
    secretary = users["thuky"] if writer != users["thuky"] else users["thuky2"]
    source = row.get("source") or {}
    article = Article(
        title=row["title"],
        kicker=row.get("kicker") or "",
        lead=row.get("lead") or "",
        body="".join(part if part.startswith("<") else f"<p>{part.strip()}</p>" for part in row["body"]),
        section=Section.objects.get(slug=row["section"]),
        genre=row.get("genre", "news"),
        event_on=_day(row.get("event_on")),
        lead_image=_image(row["picture"], writer, moment) if row.get("picture") else None,
        source_name=source.get("name", ""),
        source_url=source.get("url", ""),
        ai_used="ai" in row,
        ai_note=row.get("ai", {}).get("note", ""),
    )

    def save_related(saved: Article) -> None:
        for order, author in enumerate(authors):
            Contribution.objects.create(article=saved, author=author, order=order)
        saved.tags.set(_tags(row))
        saved.delegations.set([_delegation(item) for item in row.get("delegations", ())])

    minute = timedelta(minutes=1)
    editing.create(article=article, actor=writer, at=moment - 90 * minute, save_related=save_related)
    steps = [("submit", writer, 80), ("pass", editor, 40), ("approve", secretary, 5)]
    if article.section.gates == 1:
        steps = [("submit", writer, 80), ("approve", editor, 5)]
    for transition, actor, before in steps:
        reviewing.advance(article_id=article.pk, transition=transition, actor=actor, at=moment - before * minute)
    publishing.publish(article_id=article.pk, actor=steps[-1][1], at=moment)


def _count_views(rows: list[Row], at: datetime) -> None:
    """Views of the last thirty days, hour by hour: more by day than by night, most while an article is new."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    hours = [hour - timedelta(hours=ago) for ago in range(30 * 24)]
    weights = [1 + 5 * (6 <= timezone.localtime(moment).hour <= 21) for moment in hours]
    counts = []
    for row in rows:
        article = Article.objects.get(title=clean_line(row["title"]))
        published_at = _published_at(row, at)
        for moment, weight in zip(hours, weights, strict=True):
            if moment < published_at - timedelta(hours=1):
                break
            # What was read on its first day is read half as much two days later, and by a few for ever.
            days = (moment - published_at) / timedelta(days=1)
            share = max(0.5 ** (days / 2), 0.02) * weight / (sum(weights) / 30)
            if count := round(row.get("views_a_day", 0) * share):
                counts.append(ViewCount(article=article, hour=moment, count=count))
    ViewCount.objects.bulk_create(counts)


def _comments(rows: list[Row], articles: list[Row], users: dict[str, User], at: datetime) -> None:
    """What readers say under the newest articles: most of it approved, some answered, some waiting or reported."""
    moderator = users["kiemduyet"]
    titles = {row["title"]: _published_at(row, at) for row in articles}
    written: dict[str, Comment] = {}
    for number, row in enumerate(rows):
        edition = Edition.objects.select_related("article").get(article__title=clean_line(row["article"]))
        moment = min(titles[row["article"]] + timedelta(minutes=row["minutes"]), at)
        answered = written[row["answers"]] if "answers" in row else None
        # Each from a network and a mailbox of its own, and of this load: the limits count real visitors.
        visit = f"{int(at.timestamp()) & 0xFFFF:x}:{number:x}"
        try:
            comment = commenting.write(
                words=commenting.Words(
                    body=row["body"], name=row["name"], email=f"ban-doc-{visit.replace(':', '-')}@example.vn"
                ),
                edition=edition,
                author=None,
                answering=answered.pk if answered else None,
                sender=f"2001:db8:{visit}::1",
                at=moment,
                consent=consenting.current(commenting.FORM, at),
                purposes=["publish"],
                address="/",
            )
        except commenting.Closed:  # a kind of site without comments
            return
        written[row.get("key", str(number))] = comment
        if row.get("waits"):
            continue
        later = min(moment + timedelta(minutes=20), at)
        stamp = comment_questions.stamp_of(comment)
        moderating.decide(comment_id=comment.pk, step="approve", actor=moderator, at=later, stamp=stamp)
        if row.get("newsroom"):
            moderating.answer(comment_id=comment.pk, actor=moderator, at=later, body=row["newsroom"])
        if row.get("reported"):
            commenting.report(
                comment_id=comment.pk,
                user=None,
                reason=ReportReason(row["reported"]),
                note_of_reader="",
                sender=f"2001:db8:{visit}:1::1",
                at=later,
            )


def _letters(rows: list[Row], users: dict[str, User], at: datetime) -> None:
    """Readers' letters in their several states, through the services of the desk."""
    moderator = users["kiemduyet"]
    for number, row in enumerate(rows):
        received = min(at - timedelta(days=row["days_ago"], hours=2), at)
        edition = None
        if row.get("article"):
            editions = Edition.objects.select_related("article")
            edition = editions.get(article__title=clean_line(row["article"]))
        # Each from a network and a mailbox of its own, and of this load: the limits count real visitors.
        visit = f"{int(at.timestamp()) & 0xFFFF:x}:{number:x}"
        letter = feedback.receive(
            letter=feedback.Letter(
                kind=FeedbackKind(row["kind"]),
                body=row["body"],
                name=row["name"],
                email=f"ban-doc-thu-{visit.replace(':', '-')}@example.vn",
                phone="",
                address="",
                is_suspect=False,
                passage=_passage(row, edition),
            ),
            article=edition.article if edition else None,
            consent=consenting.current(feedback.FORM, at),
            purposes=["reply", *(name for name in ("publish", "forward") if row.get(name))],
            address="/phan-hoi/",
            sender=f"2001:db8:{visit}:2::1",
            at=received,
        )
        later = min(received + timedelta(hours=1), at)
        if row.get("taken") or row.get("note"):
            _handle(letter, moderator, later, note=row.get("note", ""), step="take")
        if row.get("forwarded_to"):
            onward = forwarding.Onward(row["forwarded_to"], "Nhờ cơ quan hướng dẫn bạn đọc.")
            forwarding.forward(feedback_id=letter.pk, actor=moderator, at=later, onward=onward)
        if row.get("answer"):
            _answer(row, letter, moderator, min(received + timedelta(days=row["answered_after"]), at))


def _passage(row: Row, edition: Edition | None) -> passages.Passage | None:
    if edition is None or not row.get("passage"):
        return None
    text = markup.plain(json.loads(edition.payload)["content"]["body"])
    return passages.find(text, row["passage"]) or passages.Passage(row["passage"])


def _handle(letter: Feedback, actor: User, at: datetime, *, note: str, step: str) -> None:
    page = letter_questions.letter_page(letter.pk, at)
    if page is not None:
        handling = feedback.Handling(owner=page.letter.owner, due_at=page.letter.due_at, note=note)
        feedback.handle(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, step=step)


def _answer(row: Row, letter: Feedback, actor: User, at: datetime) -> None:
    page = letter_questions.letter_page(letter.pk, at)
    if page is None:
        return
    handling = feedback.Handling(owner=page.letter.owner, due_at=page.letter.due_at)
    feedback.answer(feedback_id=letter.pk, actor=actor, at=at, stamp=page.stamp, handling=handling, body=row["answer"])
    if row.get("question"):
        printed = airing.Printed(row["question"], row["answer"])
        airing.publish(feedback_id=letter.pk, actor=actor, at=at, printed=printed)
    if row.get("rating"):
        words = row.get("rating_words", "")
        corresponding.rate(feedback_id=letter.pk, rating=row["rating"], words=words, at=at)


def _standing_pages() -> None:
    for path in sorted((FOLDER / "pages").glob("*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        standing.keep(FlatPage(url=row["url"], title=row["title"], content=row["content"]))


def users() -> list[User]:
    """The demo's people, by number."""
    found = User.objects.filter(email__endswith="@example.vn", is_staff=True, is_active=True)
    return list(found.prefetch_related("groups").order_by("id"))


def knows(password: str) -> bool:
    """Whether the first demo user still has this password."""
    first = next(iter(users()), None)
    return first is not None and first.check_password(password)
