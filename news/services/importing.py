"""Importing: an archive of another system, line by line, straight to sealed editions with provenance "import"."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.core.validators import URLValidator
from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from news import crypto, imaging, markup
from news.models import (
    FOREVER,
    RESERVED_SLUGS,
    Article,
    Author,
    Contribution,
    ContributionKind,
    Edition,
    GalleryImage,
    Image,
    LedgerKind,
    OldAddress,
    Provenance,
    Section,
    State,
    Tag,
)
from news.services import ledger, picturing, registering, rendering, sealing
from news.services.editing import tidy
from news.text.normalize import clean_line, fold
from news.text.slug import slugify

BATCH = 500
LINE_MAX_BYTES = 4 * 1024 * 1024
_ID_MAX = 10**15  # far below what an address and the database hold, so that the desk never runs out of numbers
_KEYS = frozenset(
    "id section title lead body_html byline tags published_at images source old_url".split()
)  # fmt: skip
_is_address = URLValidator(schemes=["http", "https"])


class Refused(Exception):
    """This line is not imported; the message says why, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a line: a file below the import file's folder, with its texts."""

    file: str
    alt: str
    caption: str
    credit: str


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed and checked line."""

    number: int
    id: int
    section: str
    title: str
    lead: str
    body: str
    byline: tuple[str, ...]
    tags: tuple[str, ...]
    published_at: datetime
    source_name: str
    source_url: str
    old_url: str
    pictures: tuple[Picture, ...]
    unknown: tuple[str, ...]
    sha256: str


@dataclass(slots=True)
class Report:
    """How an import went."""

    created: int = 0
    changed: int = 0
    skipped: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    notices: list[tuple[int, str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many lines were read in all."""
        return self.created + self.changed + self.skipped + len(self.refused)


def parse_line(number: int, raw: bytes) -> Line:
    """The line's values, in order and within their limits. Raises `Refused`."""
    if len(raw) > LINE_MAX_BYTES:
        raise Refused(f"dòng dài quá {LINE_MAX_BYTES // 1024 // 1024} MB")
    try:
        row = json.loads(raw.decode())
    except UnicodeDecodeError:
        raise Refused("không phải UTF-8") from None
    except (ValueError, RecursionError):
        raise Refused("không phải JSON") from None
    if not isinstance(row, dict):
        raise Refused("không phải một đối tượng JSON")
    pk = row.get("id")
    if isinstance(pk, bool) or not isinstance(pk, int) or not 0 < pk <= _ID_MAX:
        raise Refused("“id” phải là số nguyên dương, tối đa 10^15")
    title = clean_line(_text(row, "title", required=True))
    if not title:
        raise Refused("“title” trống")
    if len(title) > 250:
        raise Refused("“title” dài quá 250 ký tự")
    lead = _text(row, "lead")
    if len(lead) > 5000:
        raise Refused("“lead” dài quá 5.000 ký tự")
    body = _text(row, "body_html", required=True)
    source_name, source_url = _source(row.get("source"))
    return Line(
        number=number,
        id=pk,
        section=_text(row, "section", required=True).strip(),
        title=title,
        lead=lead,
        body=body,
        byline=tuple(_names(row.get("byline"), "byline")),
        tags=tuple(_names(row.get("tags"), "tags")),
        published_at=_moment(row.get("published_at")),
        source_name=source_name,
        source_url=source_url,
        old_url=_old_url(row),
        pictures=tuple(_pictures(row.get("images"))),
        unknown=tuple(sorted(str(key)[:40] for key in row.keys() - _KEYS)),
        sha256=crypto.sha256(crypto.canonical(_storable(row))),
    )


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    try:
        crypto.canonical(row).encode()
    except (ValueError, UnicodeEncodeError):
        raise Refused("có ký tự hoặc số không ghi được") from None
    return row


def _text(row: dict[str, Any], key: str, *, required: bool = False) -> str:
    value = row.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise Refused(f"“{key}” phải là chuỗi ký tự" if value is not None else f"thiếu “{key}”")
    return value


def _names(value: Any, key: str) -> Iterator[str]:
    if value is None:
        return
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refused(f"“{key}” phải là danh sách chuỗi")
    if len(names) > 50:
        raise Refused(f"“{key}” có quá 50 mục")
    for name in dict.fromkeys(clean_line(name) for name in names):
        if len(name) > 120:
            raise Refused(f"“{key}” có mục dài quá 120 ký tự")
        if name:
            yield name


def _moment(value: Any) -> datetime:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise Refused("“published_at” phải là ngày giờ ISO 8601")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise Refused("“published_at” ngoài khoảng dùng được") from None
    if not 1900 <= moment.year < 2200:
        raise Refused("“published_at” ngoài khoảng dùng được")
    return moment


def _source(value: Any) -> tuple[str, str]:
    if value is None:
        return "", ""
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise Refused("“source” phải là chuỗi hoặc {name, url}")
    name, url = clean_line(value.get("name", "")), clean_line(value.get("url", ""))
    if len(name) > 160 or len(url) > 500:
        raise Refused("“source” quá dài")
    if url:
        try:
            _is_address(url)
        except (ValidationError, ValueError):
            raise Refused("“source.url” không phải địa chỉ http(s)") from None
    return name or url[:160], url


def _old_url(row: dict[str, Any]) -> str:
    url = clean_line(_text(row, "old_url"))
    if not url:
        return ""
    if url.startswith(("http://", "https://")):
        url = "/" + url.split("://", 1)[1].partition("/")[2]
    if not url.startswith("/") or len(url) > 500:
        raise Refused("“old_url” phải là đường dẫn bắt đầu bằng “/”, tối đa 500 ký tự")
    # As Django gives a request's path: letters, not the %-signs that browsers send them as.
    path, mark, query = url.partition("#")[0].partition("?")
    return clean_line(unquote(path))[:500] + mark + query


def _pictures(value: Any) -> Iterator[Picture]:
    if value is None:
        return
    if not isinstance(value, list) or len(value) > 100:
        raise Refused("“images” phải là danh sách, tối đa 100 ảnh")
    for item in value:
        entry = {"file": item} if isinstance(item, str) else item
        if not isinstance(entry, dict):
            raise Refused("mỗi ảnh phải là tên tệp hoặc {file, alt, caption, credit}")
        texts = {key: text for key, text in entry.items() if isinstance(text, str)}
        name = next((texts[key] for key in ("file", "path", "src", "url") if texts.get(key)), "")
        if not name or "\0" in name:
            raise Refused("mỗi ảnh phải có “file”")
        yield Picture(name, texts.get("alt", ""), texts.get("caption", ""), texts.get("credit", ""))


# --- Writing -----------------------------------------------------------------------------------


class Importer:
    """Imports lines in batches, each one transaction: a batch is wholly there, in the ledger too, or not at all."""

    def __init__(self, *, actor: User | None, at: datetime, folder: Path, create_sections: bool = False) -> None:
        """`folder` is where the pictures that lines name lie; nothing outside it is read."""
        self.actor, self.at, self.folder, self.create_sections = actor, at, folder.resolve(), create_sections
        self.report = Report()
        self._sections = {section.slug: section for section in Section.objects.all()}
        self._parents = {section.pk: section.parent_id for section in self._sections.values()}
        self._tags: dict[str, Tag] = {}
        self._authors: dict[str, Author] = {}

    def run(self, source: IO[bytes]) -> Report:
        """Import every line of the file; blank lines are passed over."""
        batch: dict[int, Line] = {}
        seen: dict[int, int] = {}
        for number, raw in enumerate(iter(lambda: source.readline(LINE_MAX_BYTES + 2), b""), start=1):
            if not raw.strip():
                continue
            try:
                line = parse_line(number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
                if line.id in seen:
                    raise Refused(f"số {line.id} đã có ở dòng {seen[line.id]}")
                if line.published_at > self.at:
                    raise Refused("“published_at” ở tương lai: bài chưa đăng thì không phải bài trong kho")
                self._check_section(line.section)
            except Refused as refusal:
                self.report.refused.append((number, str(refusal)))
                continue
            seen[line.id] = number
            if len(batch) >= BATCH:
                self._write(batch.values())
                batch = {}
            self._notice_unknown(line)
            batch[line.id] = line
        self._write(batch.values())
        _set_sequence()
        return self.report

    def _notice_unknown(self, line: Line) -> None:
        for key in line.unknown:
            if all(key not in note for _, note in self.report.notices):
                self.report.notices.append((line.number, f"khóa lạ “{key}” được bỏ qua (từ dòng này)"))

    def _check_section(self, slug: str) -> None:
        if slug in self._sections:
            return
        if not self.create_sections:
            raise Refused(f"chưa có chuyên mục “{slug[:80]}” (thêm --create-sections để tạo)")
        if not slug or slug != slugify(slug) or len(slug) > 80 or slug in RESERVED_SLUGS:
            raise Refused(f"“{slug[:80]}” không dùng làm địa chỉ chuyên mục được")
        name = slug.replace("-", " ").capitalize()
        section = registering.keep(Section(name=name, slug=slug, order=len(self._sections)))
        self._sections[slug] = section
        self._parents[section.pk] = None
        self.report.sections.append(slug)

    def _write(self, lines: Iterable[Line]) -> None:
        lines = list(lines)
        if not lines:
            return
        images = {line.id: self._pictures_of(line) for line in lines}
        with transaction.atomic():
            existing = {
                row.pk: row for row in Article.objects.select_for_update().filter(pk__in=[line.id for line in lines])
            }
            fresh: list[Line] = []
            stale: list[tuple[Line, Article]] = []
            for line in lines:
                article = existing.get(line.id)
                if article is None:
                    fresh.append(line)
                elif article.import_sha256 == _import_hash(line, images[line.id]):
                    self.report.skipped += 1
                else:
                    try:
                        self._check_changeable(article)
                    except Refused as refusal:
                        self.report.refused.append((line.number, str(refusal)))
                        continue
                    stale.append((line, article))
            self._write_editions(fresh, stale, images)

    def _check_changeable(self, article: Article) -> None:
        if not article.import_sha256:
            raise Refused("số này là của một bài viết tại tòa soạn")
        if article.state == State.WITHDRAWN:
            raise Refused("bài đã bị gỡ, không đăng lại")
        last = article.editions.order_by("-number").values_list("payload", flat=True).first()
        if not article.editions.live(self.at).exists():
            raise Refused("bài đã hết hạn hiển thị, không đăng lại")
        if article.state != State.PUBLISHED or not last or json.loads(last)["record"]["approved_by"] is not None:
            raise Refused("tòa soạn đã sửa bài này sau khi nhập")

    def _write_editions(
        self, fresh: list[Line], stale: list[tuple[Line, Article]], images: dict[int, list[Image]]
    ) -> None:
        self._know_names([*fresh, *(line for line, _ in stale)])
        copies: list[tuple[Line, sealing.Copy]] = []
        articles = []
        for line in fresh:
            article = self._fill(Article(pk=line.id, created_at=line.published_at), line, images[line.id])
            articles.append(article)
            copies.append((line, self._copy(article, line, images[line.id])))
        Article.objects.bulk_create(articles, batch_size=200)
        for line, article in stale:
            self._fill(article, line, images[line.id])
            article.version += 1
            article.save()
            for rows in (article.contributions, article.gallery):
                rows.all().delete()
            article.tags.clear()
            copies.append((line, self._copy(article, line, images[line.id])))
        self._write_rows(copies)
        new_ids = {article.pk for article in articles}
        self._seal(copies, new_ids)
        self.report.created += len(new_ids)
        self.report.changed += len(copies) - len(new_ids)

    def _fill(self, article: Article, line: Line, images: list[Image]) -> Article:
        article.title, article.lead, article.body = line.title, line.lead, markup.foreign(line.body)
        article.section = self._sections[line.section]
        article.lead_image = images[0] if images else None
        article.source_name, article.source_url = line.source_name, line.source_url
        article.provenance = Provenance.IMPORT
        article.state = State.PUBLISHED
        article.changed_at = self.at
        article.changed_by = self.actor
        article.import_sha256 = _import_hash(line, images)
        tidy(article)
        if not markup.plain(article.body) and not images:
            article.body = markup.paragraphs(article.lead)
        return article

    def _copy(self, article: Article, line: Line, images: list[Image]) -> sealing.Copy:
        tags = {tag.pk: tag for tag in (self._tags[_tag_slug(name)] for name in line.tags)}
        return sealing.Copy(
            article=article,
            section=self._sections[line.section],
            byline=[(self._authors[name], ContributionKind.TEXT) for name in line.byline],
            tags=sorted(tags.values(), key=lambda tag: (tag.kind, tag.pk)),
            lead_image=images[0] if images else None,
            gallery=[(image, "") for image in images[1:]],
        )

    def _know_names(self, lines: list[Line]) -> None:
        """Load or make the tags and authors the lines name, a few statements for all of them."""
        wanted = {_tag_slug(name): name for line in lines for name in line.tags}
        missing = wanted.keys() - self._tags.keys()
        if missing:
            Tag.objects.bulk_create(
                [Tag(name=wanted[slug], slug=slug, name_key=fold(wanted[slug])[:160]) for slug in sorted(missing)],
                ignore_conflicts=True,
            )
            for tag in Tag.objects.filter(slug__in=missing).select_related("merged_into"):
                self._tags[tag.slug] = tag.merged_into or tag
        names = {name for line in lines for name in line.byline} - self._authors.keys()
        if names:
            for author in Author.objects.filter(name__in=names).order_by("-id"):
                self._authors[author.name] = author
            made = [
                registering.tidy(Author(name=name, is_pen_name=True)) for name in sorted(names - self._authors.keys())
            ]
            Author.objects.bulk_create(made)
            self._authors.update({author.name: author for author in made})

    def _pictures_of(self, line: Line) -> list[Image]:
        """The pictures of a line that are there and readable; a missing one is noticed, the article still comes."""
        found: list[Image] = []
        for picture in line.pictures:
            try:
                image = self._picture(picture)
            except Refused as refusal:
                self.report.notices.append((line.number, str(refusal)))
                continue
            if image not in found:
                found.append(image)
        return found

    def _picture(self, picture: Picture) -> Image:
        name = picture.file[:120]
        if picture.file.startswith(("http://", "https://", "//")):
            raise Refused(f"ảnh “{name}” ở một địa chỉ ngoài: hệ thống không tự tải, hãy chép tệp về cạnh tệp nhập")
        try:
            path = (self.folder / picture.file).resolve()
            if not path.is_relative_to(self.folder) or not path.is_file():
                raise Refused(f"không có tệp ảnh “{name}” cạnh tệp nhập")
            with path.open("rb") as upload:
                return picturing.add(
                    upload=upload,
                    actor=self.actor,
                    at=self.at,
                    alt=picture.alt,
                    caption=picture.caption,
                    credit=picture.credit,
                )
        except imaging.BadPicture as error:
            raise Refused(f"ảnh “{name}”: {error}") from None
        except (OSError, ValueError, RuntimeError):  # a name no file can have, a file we may not read, a ring of links
            raise Refused(f"không đọc được tệp ảnh “{name}”") from None

    def _write_rows(self, copies: list[tuple[Line, sealing.Copy]]) -> None:
        Contribution.objects.bulk_create(
            [
                Contribution(article=copy.article, author=author, kind=kind, order=order)
                for _, copy in copies
                for order, (author, kind) in enumerate(copy.byline)
            ],
            batch_size=1000,
        )
        through = Article.tags.through
        through.objects.bulk_create(
            [through(article_id=copy.article.pk, tag_id=tag.pk) for _, copy in copies for tag in copy.tags],
            batch_size=1000,
        )
        GalleryImage.objects.bulk_create(
            [
                GalleryImage(article=copy.article, image=image, caption=caption, order=order)
                for _, copy in copies
                for order, (image, caption) in enumerate(copy.gallery)
            ],
            batch_size=1000,
        )
        OldAddress.objects.bulk_create(
            [OldAddress(path=line.old_url, article=copy.article) for line, copy in copies if line.old_url],
            ignore_conflicts=True,
            batch_size=1000,
        )

    def _seal(self, copies: list[tuple[Line, sealing.Copy]], new_ids: set[int]) -> None:
        earlier: dict[int, list[Edition]] = {}
        old = [copy.article.pk for _, copy in copies if copy.article.pk not in new_ids]
        for row in Edition.objects.filter(article_id__in=old).order_by("number").defer("payload"):
            earlier.setdefault(row.article_id, []).append(row)
        editions, changed, contents = [], [], []
        for line, copy in copies:
            content = sealing.content_of(copy)
            before = earlier.get(copy.article.pk, [])
            closed = []
            for row in before:
                if row.visible_until > self.at and row.visible_until > row.visible_from:
                    row.visible_until = max(row.visible_from, self.at)
                    row.save(update_fields=["visible_until"])
                    closed.append(row)
            edition = sealing.seal(
                article=copy.article,
                content=content,
                number=before[-1].number + 1 if before else 1,
                published_at=line.published_at,
                at=self.at,
                visible_from=max(self.at, line.published_at) if before else line.published_at,
                visible_until=FOREVER,
            )
            editions.append(edition)
            changed.append((*closed, edition))
            contents.append(content)
        Edition.objects.bulk_create(editions, batch_size=200)
        rows = [
            row
            for edition, content in zip(editions, contents, strict=True)
            for row in sealing.index_rows(edition, content, self._parents)
        ]
        sealing.write_index(rows)
        ledger.append(
            entries=[
                ledger.NewEntry(LedgerKind.IMPORT, edition.article_id, edition, touched)
                for edition, touched in zip(editions, changed, strict=True)
            ],
            actor_id=self.actor.pk if self.actor else None,
            at=self.at,
        )
        for content in contents:
            rendering.publish_renditions(content)


def _import_hash(line: Line, images: list[Image]) -> str:
    """What tells whether a line was imported before: its text and the pictures that were found for it."""
    return crypto.sha256(crypto.canonical([line.sha256, *(image.key for image in images)]))


def _tag_slug(name: str) -> str:
    return slugify(name, 110) or "tu-khoa"


def _set_sequence() -> None:
    """Make the database number the next new article after the imported ones."""
    statements = connection.ops.sequence_reset_sql(no_style(), [Article])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
