"""The large newsroom that `bench/desk.py` measures: made in an empty database, the same for the same numbers."""

import hashlib
import io
import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection
from PIL import Image as Pillow

from accounts import roles
from accounts.models import User
from news import crypto, imaging
from news.models import (
    FOREVER,
    Article,
    Attendee,
    Author,
    Contribution,
    Delegation,
    Draft,
    Edition,
    Feedback,
    FeedbackAnswer,
    FeedbackKind,
    FeedbackStatus,
    GalleryImage,
    Genre,
    Image,
    LedgerEntry,
    LedgerHead,
    LedgerKind,
    Masthead,
    OldAddress,
    Organisation,
    Outbox,
    Person,
    PersonSpelling,
    Position,
    Provenance,
    Recording,
    RecordingKind,
    RelatedPick,
    Revision,
    Role,
    Section,
    SectionRight,
    Side,
    State,
    Tag,
    TagKind,
    ViewCount,
    WorkflowStep,
)
from news.services import editing, picturing, registering, reviewing, sealing
from news.services.registering import tidy
from news.text.normalize import fold

SEED = 20261122
STAFF = 40
NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
ROLES = ("reporter", "editor", "secretary", "chief", "moderator", "administrator")

BODIES = (
    "Đoàn công tác Ban Dân vận|Tỉnh ủy|UBND tỉnh|Ủy ban MTTQ Việt Nam tỉnh|Hội Nông dân tỉnh|Sở Y tế|Công an tỉnh|"
    "Bộ Chỉ huy Quân sự tỉnh|Đảng ủy các cơ quan|Liên đoàn Lao động tỉnh|Hội Cựu chiến binh|Tỉnh đoàn|HĐND tỉnh"
).split("|")
VERBS = (
    "làm việc với|kiểm tra|khảo sát|thăm, tặng quà|tổ chức hội nghị về|triển khai|sơ kết|giám sát|đối thoại với|"
    "trao đổi kinh nghiệm về|tập huấn|phát động"
).split("|")
TOPICS = (
    "công tác dân vận|xây dựng nông thôn mới|giảm nghèo bền vững|công tác cán bộ|cải cách hành chính|chuyển đổi số|"
    "phòng, chống ma túy|bảo vệ rừng|tín dụng chính sách|giáo dục vùng cao|phòng cháy, chữa cháy|sắp xếp dân cư|"
    "đại đoàn kết toàn dân tộc|dân vận khéo|an toàn giao thông|vệ sinh môi trường"
).split("|")
PLACES = (
    "xã Bản Mẫu|xã Nậm Thử|xã Huổi Lân|phường Tân Lập|bản Nà Tăm|xã Mường Lý|xã Pa Khóa|xã Tủa Phìn|bản Hua Cuổi|"
    "xã Khổng Tằng|xã Phiêng Lót|phường Đồng Tiến"
).split("|")
WORDS = (
    "tỉnh huyện xã bản đồng bào dân tộc cán bộ đảng viên nhân dân phát triển kinh tế xã hội xây dựng nông thôn mới giảm"
    " nghèo bền vững lãnh đạo chỉ đạo tổ chức thực hiện nghị quyết chỉ thị kế hoạch chương trình đề án công tác dân vận"
    " mặt trận đoàn thể hội viên phong trào thi đua yêu nước trường học trạm y tế đường giao thông thủy lợi"
).split()
FAMILIES = "Nguyễn Trần Lê Phạm Lò Giàng Vàng Lù Sùng Tẩn Đinh Hoàng Bùi Quàng Cà Mùa".split()
MIDDLES = "Văn Thị Hữu Đức Minh Xuân Quang Thanh A Khắc Bích Ngọc".split()
GIVEN = "An Bình Chử Dũng Đạt Giang Hà Hạnh Khoa Lan Long Mai Nam Oanh Phong Quân Sơn Tâm Thảo Tú Uyên Vân Yến".split()
RARE = "mưa đá"
"""Stands in five of the oldest titles, pictures and names: a search for it reads to the end."""


@dataclass(frozen=True)
class Sizes:
    """How large the newsroom is."""

    articles: int = 200_000
    images: int = 50_000
    people: int = 2_000


class Maker:
    """Fills an empty database. Rows of the archive are written in bulk, as an import would leave them; what the desk
    itself writes (the articles with everything in them) goes through the services."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes, self.rng = sizes, random.Random(SEED)
        self.sections: list[Section] = []
        self.users: list[User] = []
        self.paragraphs = [f"<p>{self.words(70).capitalize()}.</p>" for _ in range(400)]

    def words(self, count: int) -> str:
        """That many words."""
        return " ".join(self.rng.choices(WORDS, k=count))

    def title(self, number: int) -> str:
        """A title as the newsroom writes them; the fifth to ninth hold the rare word."""
        rng = self.rng
        rare = f" sau trận {RARE}" if 5 <= number < 10 else ""
        return (
            f"{rng.choice(BODIES)} {rng.choice(VERBS)} {rng.choice(TOPICS)} tại {rng.choice(PLACES)}{rare} ({number})"
        )

    def name(self) -> str:
        """Somebody's name."""
        return f"{self.rng.choice(FAMILIES)} {self.rng.choice(MIDDLES)} {self.rng.choice(GIVEN)}"

    def make(self) -> None:
        """All of it."""

        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")
        for part in (
            self.make_staff,
            self.make_register,
            self.make_pictures,
            self.make_delegations,
            self.make_articles,
            self.make_letters,
            self.make_traces,
        ):
            started = time.perf_counter()
            part()
            print(f"{part.__name__.removeprefix('make_'):12} {time.perf_counter() - started:6.1f} s", flush=True)
        reset_sequences()
        settle()

    def make_staff(self) -> None:
        """People who log in: one of each role, many reporters; sections and who works in them."""

        for number in range(24):
            parent = None if number < 12 else self.sections[number - 12]
            name = f"{self.words(2).capitalize()} {number + 1}"
            self.sections.append(registering.keep(Section(name=name, parent=parent, order=number)))
        self.parents = {row.pk: row.parent_id for row in self.sections}
        for number in range(STAFF):
            role = ROLES[number] if number < len(ROLES) else "reporter"
            user = User.objects.create_user(f"{role}-{number}", full_name=self.name(), is_staff=True)
            user.groups.add(roles.group_of(role))
            if role in {"editor", "secretary", "chief"}:
                SectionRight.objects.create(user=user)
            self.users.append(user)
        self.writers = [self.users[0], *self.users[len(ROLES) :]]
        Masthead.objects.update_or_create(pk=1, defaults={"name": "Báo Mẫu"})

    def make_register(self) -> None:
        """Tags, organisations, people with their posts, names that sign."""

        rng = self.rng

        def named(number: int, text: str) -> str:
            return f"{text}, {RARE} {number}" if number < 5 else text

        tags = [
            Tag(name=named(n, f"{self.words(2).capitalize()} {n}"), kind=TagKind.TOPIC if n % 10 == 0 else TagKind.TAG)
            for n in range(2000)
        ]
        self.tags = Tag.objects.bulk_create([tidy(row) for row in tags], batch_size=500)
        bodies = [Organisation(name=named(n, f"{rng.choice(BODIES)} {self.words(2)} {n}")) for n in range(3000)]
        self.organisations = Organisation.objects.bulk_create([tidy(row) for row in bodies], batch_size=500)
        for row in self.organisations[50:]:
            row.parent = rng.choice(self.organisations[:50])
        Organisation.objects.bulk_update(self.organisations, ["parent"], batch_size=500)
        people = [Person(name=named(n, self.name()), is_verified=n % 7 != 0) for n in range(self.sizes.people)]
        self.people = Person.objects.bulk_create([tidy(row) for row in people], batch_size=500)
        posts = []
        for person in self.people:
            for rank in range(1, rng.randint(2, 6)):
                since = date(rng.randint(1998, 2024), rng.randint(1, 12), 1)
                until = since + timedelta(days=1800) if rank > 2 else None
                body, title = rng.choice(self.organisations), f"{rng.choice(['Phó ', ''])}Bí thư {self.words(3)}"
                posts.append(
                    Position(
                        person=person, organisation=body, title=title, from_on=since, to_on=until, protocol_rank=rank
                    )
                )
        Position.objects.bulk_create(posts, batch_size=1000)
        spellings = [PersonSpelling(person=row, name=f"{row.name} (khác)") for row in self.people[::8]]
        PersonSpelling.objects.bulk_create([tidy(row) for row in spellings])
        authors = [Author(name=f"{self.name()} {n}", is_pen_name=n % 3 == 0) for n in range(400)]
        for author, user in zip(authors, self.writers, strict=False):
            author.user = user
        self.authors = Author.objects.bulk_create([tidy(row) for row in authors])

    def make_pictures(self) -> None:
        """Pictures without their files, but for one that has all of them."""

        self.images = []
        formats = ",".join(imaging.RENDITION_FORMATS)
        for start in range(0, self.sizes.images, 5000):
            made = []
            for number in range(start, min(start + 5000, self.sizes.images)):
                key = hashlib.sha256(f"{SEED} {number}".encode()).hexdigest()
                rare = f" {RARE}" if 5 <= number < 10 else ""
                image = Image(
                    original=f"originals/{key[:2]}/{key[:40]}.jpg",
                    content_sha256=key,
                    key=key[:40],
                    format="JPEG",
                    formats=formats,
                    width=self.rng.choice([1600, 2400, 4000]),
                    height=self.rng.choice([1067, 1600]),
                    byte_count=1_500_000,
                    caption=f"{self.title(0)}.{rare} {self.words(12).capitalize()} {number}.",
                    alt="" if number % 25 == 0 else f"Ảnh chụp {self.words(10)}.",
                    credit=self.name(),
                    uploaded_by=self.rng.choice(self.users),
                    created_at=NOW - timedelta(minutes=self.sizes.images - number),
                    rendered_at=NOW,
                )
                image.text_key = picturing.text_key(image)
                made.append(image)
            self.images += Image.objects.bulk_create(made, batch_size=500)
        del self.images[10_000:]  # articles show the first ones; the others wait in the library

    def make_delegations(self) -> None:
        """Visits with six to twenty attendees; one of sixty."""

        rng = self.rng
        rows = []
        for number in range(3000):
            day = date(2014, 1, 1) + timedelta(days=number)
            rare = f" {RARE}" if number < 5 else ""
            rows.append(
                Delegation(
                    name=f"{rng.choice(BODIES)} đến {rng.choice(PLACES)}{rare} {number}",
                    from_on=day,
                    to_on=day,
                    visiting_organisation=rng.choice(self.organisations),
                    host_organisation=rng.choice(self.organisations),
                    places="\n".join(rng.sample(PLACES, 2)),
                    purpose=self.words(20),
                )
            )
        self.delegations = Delegation.objects.bulk_create([tidy(row) for row in rows], batch_size=500)
        self.attendees: dict[int, list[Any]] = {}
        lines: list[Any] = []
        for delegation in self.delegations:
            size = 60 if delegation is self.delegations[-1] else rng.randint(6, 20)
            found = [
                Attendee(
                    delegation=delegation,
                    person=person,
                    name=person.name,
                    positions=f"Bí thư {self.words(4)}",
                    side=Side.DELEGATION if n % 2 else Side.HOST,
                    role=Role.HEAD if n == 0 else Role.ATTEND,
                    order=n,
                )
                for n, person in enumerate(rng.sample(self.people, size))
            ]
            self.attendees[delegation.pk] = found
            lines += found
        Attendee.objects.bulk_create(lines, batch_size=1000)

    # --- The archive and the desk's copies -----------------------------------------------------------

    def make_articles(self) -> None:
        """The archive, five thousand a time; the last tenth was written at this desk."""
        self.sequence, self.previous = 0, ""
        for start in range(1, self.sizes.articles + 1, 5000):
            self._batch(range(start, min(start + 5000, self.sizes.articles + 1)))
        self._head()

    def _state(self, number: int) -> Any:

        at_desk = number > self.sizes.articles * 0.9
        chance = self.rng.random() * (1 if at_desk else 12)
        for state, share in (
            (State.DRAFT, 0.08),
            (State.SUBMITTED, 0.015),
            (State.RETURNED, 0.01),
            (State.PASSED, 0.01),
            (State.APPROVED, 0.005),
            (State.SCHEDULED, 0.003),
            (State.WITHDRAWN, 0.01),
        ):
            if chance < share:
                return state
            chance -= share
        return State.PUBLISHED

    def _article(self, number: int) -> Any:

        rng, state = self.rng, self._state(number)
        at_desk = number > self.sizes.articles * 0.9 or state != State.PUBLISHED
        moment = NOW - timedelta(minutes=20 * (self.sizes.articles - number) + 60)
        title = self.title(number)
        passed = state in {State.APPROVED, State.SCHEDULED}
        return Article(
            pk=number,
            title=title,
            title_key=fold(title)[:330],
            lead=f"{self.words(40).capitalize()}.",
            body="".join(rng.choices(self.paragraphs, k=rng.randint(5, 12))),
            section=rng.choice(self.sections),
            genre=rng.choice(Genre.values),
            lead_image=rng.choice(self.images) if number % 2 else None,
            provenance=Provenance.DESK if at_desk else Provenance.IMPORT,
            state=state,
            version=rng.randint(1, 5) if at_desk else 1,
            created_by=rng.choice(self.writers) if at_desk else None,
            created_at=moment,
            changed_by=rng.choice(self.users) if at_desk else None,
            changed_at=moment,
            approved_by=self.users[2] if passed else None,
            approved_at=moment if passed else None,
            approved_sha256="0" * 64 if passed else "",
            import_sha256="" if at_desk else "1" * 64,
        )

    def _batch(self, numbers: range) -> None:

        rng = self.rng
        articles = [self._article(number) for number in numbers]
        Article.objects.bulk_create(articles, batch_size=500)
        rows: dict[type[Any], list[Any]] = {}

        def add(row: Any) -> None:
            rows.setdefault(type(row), []).append(row)

        editions, contents = [], []
        for article in articles:
            tags, author = rng.sample(self.tags, 3), rng.choice(self.authors)
            visit = rng.choice(self.delegations[:-1]) if article.pk % 10 == 0 else None
            copy = sealing.Copy(
                article=article,
                section=article.section,
                byline=[(author, "text")],
                tags=sorted(tags, key=lambda tag: (tag.kind, tag.pk)),
                lead_image=article.lead_image,
                delegations=[(visit, self.attendees[visit.pk])] if visit else [],
            )
            content = sealing.content_of(copy)
            add(Contribution(article=article, author=author))
            for tag in tags:
                add(Article.tags.through(article=article, tag=tag))
            if visit:
                add(Article.delegations.through(article=article, delegation=visit))
            if article.provenance == Provenance.IMPORT:
                add(OldAddress(path=f"/bai-cu/{article.pk}.html", article=article))
            else:
                text = json.dumps(content, ensure_ascii=False)
                for number in range(1, article.version + 1):
                    add(
                        Revision(
                            article=article,
                            number=number,
                            saved_by=article.created_by,
                            saved_at=article.created_at,
                            content=text,
                            content_sha256=f"{number:064}",
                        )
                    )
                for name, source, target in (
                    ("submit", State.DRAFT, State.SUBMITTED),
                    ("pass", State.SUBMITTED, State.PASSED),
                    ("return", State.PASSED, State.RETURNED),
                ):
                    add(
                        WorkflowStep(
                            article=article,
                            transition=name,
                            source=source,
                            target=target,
                            actor=rng.choice(self.users),
                            at=article.created_at,
                            reason=self.words(8),
                        )
                    )
            if article.state in {State.PUBLISHED, State.WITHDRAWN, State.SCHEDULED}:
                editions.append(self._edition(article, content))
                contents.append(content)
                for hour in rng.sample(range(48), 2):
                    moment = article.created_at.replace(minute=0) + timedelta(hours=hour)
                    add(ViewCount(article=article, hour=moment, count=rng.randint(1, 900)))
        self._print(editions, contents)
        for model, found in rows.items():
            model._default_manager.bulk_create(found, batch_size=1000)

    def _edition(self, article: Any, content: dict[str, Any]) -> Any:

        moment = article.created_at.isoformat(timespec="microseconds")
        record = {"article": article.pk, "number": 1, "published_at": moment, "sealed_at": moment}
        payload = {
            "schema": 1,
            "content": content,
            "content_sha256": "2" * 64,
            "record": {**record, "written_by": None, "edited_by": None, "approved_by": None},
        }
        text = crypto.canonical(payload)
        start = datetime(2099, 1, 1, tzinfo=UTC) if article.state == State.SCHEDULED else article.created_at
        end = article.created_at + timedelta(days=9) if article.state == State.WITHDRAWN else FOREVER
        return Edition(
            article=article,
            payload=text,
            payload_sha256=crypto.sha256(text),
            visible_from=start,
            visible_until=end,
            title_set=article.title,
            **sealing.projection(payload),
        )

    def _print(self, editions: list[Any], contents: list[dict[str, Any]]) -> None:

        made = Edition.objects.bulk_create(editions, batch_size=500)
        sealing.write_index(
            row
            for edition, content in zip(made, contents, strict=True)
            for row in sealing.index_rows(edition, content, self.parents)
        )
        entries = []
        for edition in made:
            article = edition.article
            imported = article.provenance == Provenance.IMPORT
            kinds = [LedgerKind.IMPORT if imported else LedgerKind.PUBLISH]
            if article.state == State.WITHDRAWN:
                kinds.append(LedgerKind.WITHDRAW)
            for kind in kinds:
                self.sequence += 1
                hashed = hashlib.sha256(f"{self.previous}{self.sequence}".encode()).hexdigest()
                entries.append(
                    LedgerEntry(
                        sequence=self.sequence,
                        kind=kind,
                        at=edition.sealed_at,
                        actor=article.created_by,
                        article=article,
                        edition=edition,
                        payload_sha256=edition.payload_sha256,
                        changes="[]",
                        reason="Theo yêu cầu" if kind == LedgerKind.WITHDRAW else "",
                        previous_hash=self.previous,
                        hash=hashed,
                    )
                )
                self.previous = hashed
        LedgerEntry.objects.bulk_create(entries, batch_size=1000)

    def _head(self) -> None:

        LedgerHead.objects.update_or_create(
            pk=1, defaults={"count": self.sequence, "hash": self.previous, "signature": crypto.digest("bench")}
        )

    # --- Around the archive --------------------------------------------------------------------------

    def make_letters(self) -> None:
        """Readers' letters, and the mail that left because of them."""

        rng, count = self.rng, max(self.sizes.articles // 8, 10)
        letters = []
        for number in range(1, count + 1):
            fresh = number > count * 0.998
            letters.append(
                Feedback(
                    code=f"PH-2026-{number:06d}-ABCDEFGH",
                    article_id=rng.randint(1, self.sizes.articles),
                    kind=FeedbackKind.TIP if number % 500 == 1 else rng.choice(FeedbackKind.values[:3]),
                    body=f"{self.words(150)}.",
                    received_at=NOW - timedelta(minutes=count - number),
                    status=FeedbackStatus.NEW
                    if fresh
                    else FeedbackStatus.OPEN
                    if number % 900 == 2
                    else rng.choice([FeedbackStatus.ANSWERED, FeedbackStatus.CLOSED]),
                    owner=None if fresh else self.users[rng.choice([3, 4])],
                )
            )
        letters = Feedback.objects.bulk_create(letters, batch_size=1000)
        answers = [
            FeedbackAnswer(feedback=row, body=self.words(80), answered_by=self.users[4], answered_at=NOW)
            for row in letters
            if row.status == FeedbackStatus.ANSWERED
        ]
        FeedbackAnswer.objects.bulk_create(answers, batch_size=1000)
        mails = []
        for number in range(count):
            given_up, waits = number % 4000 == 1, number > count - 20
            mails.append(
                Outbox(
                    kind="feedback_receipt",
                    recipient="x",
                    recipient_digest=f"{number:064}",
                    message="x" * 900,
                    created_at=NOW,
                    send_after=NOW,
                    given_up_at=NOW if given_up else None,
                    sent_at=None if given_up or waits else NOW,
                )
            )
        Outbox.objects.bulk_create(mails, batch_size=1000)

    def make_traces(self) -> None:
        """The admin's own log, forms that were not saved, recordings."""

        rng = self.rng
        kinds = {model: ContentType.objects.get_for_model(model) for model in (Article, Image, Person, Delegation)}
        for start in range(0, self.sizes.articles, 10_000):
            LogEntry.objects.bulk_create(
                [
                    LogEntry(
                        action_time=NOW,
                        user=rng.choice(self.users),
                        action_flag=CHANGE,
                        content_type=kinds[model],
                        object_id=str(rng.randint(1, top)),
                        object_repr=self.words(8),
                        change_message="Lưu phiên bản 2.",
                    )
                    for _ in range(min(10_000, self.sizes.articles - start))
                    for model, top in [
                        rng.choice(
                            [
                                (Article, self.sizes.articles),
                                (Article, self.sizes.articles),
                                (Image, self.sizes.images),
                                (Person, self.sizes.people),
                                (Delegation, 3000),
                            ]
                        )
                    ]
                ],
                batch_size=1000,
            )
        Draft.objects.bulk_create(
            Draft(
                owner=rng.choice(self.users),
                key=f"{number:032}",
                title=self.title(number),
                state="[]",
                article_id=rng.randint(1, self.sizes.articles) if number % 3 else None,
                started_at=NOW,
                saved_at=NOW - timedelta(minutes=number),
            )
            for number in range(600)
        )
        Recording.objects.bulk_create(
            Recording(
                kind=RecordingKind.VIDEO if number % 2 else RecordingKind.AUDIO,
                title=self.title(number),
                file=f"recordings/{number}.mp4",
                key=f"{number:040}",
                content_type="video/mp4",
                byte_count=9_000_000,
                poster=rng.choice(self.images),
                caption=self.words(10),
                transcript=self.words(900),
                text_key=self.words(40),
                uploaded_by=rng.choice(self.users),
                created_at=NOW,
            )
            for number in range(1000)
        )


def reset_sequences() -> None:
    """Numbers that were written by hand are not given again (PostgreSQL)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_app_config("news").get_models()):
            cursor.execute(statement)


def settle() -> None:
    """Leave the database as one that has run for a while.

    PostgreSQL: autovacuum has been here. SQLite: what was written is in the file, not in its log.
    """
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def make_rich() -> dict[str, int]:
    """What is heaviest to open, through the services: articles with everything in them, saved many times; by name."""
    rng = random.Random(SEED)
    writer, signers = User.objects.get(username="reporter-0"), list(Author.objects.order_by("id")[:5])
    pictures, tags = list(Image.objects.order_by("id")[:12]), list(Tag.objects.order_by("id")[:8])
    sections, visits = list(Section.objects.order_by("order", "id")[:5]), list(Delegation.objects.order_by("-id")[1:4])
    neighbours = list(Article.objects.order_by("-id").only("id")[:6])
    buffer = io.BytesIO()
    Pillow.new("RGB", (1600, 1067), "teal").save(buffer, "JPEG")
    buffer.seek(0)
    picture = picturing.add(upload=buffer, actor=writer, at=NOW, alt="Ảnh mẫu", caption="Ảnh có đủ các bản")
    for number, visit in enumerate(visits):  # forty people in three visits
        Attendee.objects.filter(delegation=visit).delete()
        people = Person.objects.order_by("id")[number * 14 : number * 14 + (12 if number == 2 else 14)]
        Attendee.objects.bulk_create(
            Attendee(
                delegation=visit,
                person=person,
                name=person.name,
                positions="Bí thư Đảng ủy",
                role=Role.ATTEND if order else Role.HEAD,
                order=order,
            )
            for order, person in enumerate(people)
        )
    paragraphs = [f"<p>{' '.join(rng.choices(WORDS, k=70)).capitalize()}.</p>" for _ in range(40)]
    figures = "".join(f'<figure data-image="{image.pk}"><figcaption></figcaption></figure>' for image in pictures[:6])

    def related(article: Article) -> None:
        article.tags.set(tags)
        article.other_sections.set(sections[3:])
        article.delegations.set(visits)
        for order, author in enumerate(signers):
            Contribution.objects.get_or_create(article=article, author=author, order=order)
        for order, image in enumerate(pictures):
            GalleryImage.objects.get_or_create(article=article, image=image, order=order)
        for order, target in enumerate(neighbours):
            RelatedPick.objects.get_or_create(article=article, target=target, order=order)

    made = {
        "delegation": Delegation.objects.latest("id").pk,
        "feedback": Feedback.objects.earliest("id").pk,
        "image": picture.pk,
        "person": Person.objects.earliest("id").pk,
    }
    for kind in ("draft", "submitted"):
        fresh = Article(
            title=f"Bài có đủ mọi thứ ({kind})",
            lead=" ".join(rng.choices(WORDS, k=40)),
            body="".join([*paragraphs, figures]),
            section=sections[0],
            lead_image=picture,
            event_on=date(2024, 5, 20),
        )
        article = editing.create(article=fresh, actor=writer, at=NOW, save_related=related)
        for version in range(1, 12):
            article = Article.objects.select_related("section", "lead_image").get(pk=article.pk)
            article.body = "".join([*paragraphs, figures, *rng.choices(paragraphs, k=3)])
            at = NOW + timedelta(minutes=version)
            editing.change(article=article, actor=writer, at=at, version=version, save_related=related)
        made[f"article_{kind}"] = article.pk
    at = NOW + timedelta(hours=1)
    reviewing.advance(article_id=made["article_submitted"], transition="submit", actor=writer, at=at)
    settle()
    return made
