"""Sealing: from the desk's copy to an edition. `compose` is the one source of preview, approval, print and page."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.core.files.storage import storages
from django.db.models import Model, Prefetch, QuerySet

from accounts.models import User
from news import crypto, filetypes, imaging, markup
from news.models import (
    Article,
    Attachment,
    Attendee,
    Author,
    Delegation,
    Edition,
    EditionAuthor,
    EditionDelegation,
    EditionFile,
    EditionImage,
    EditionOrganisation,
    EditionPerson,
    EditionSection,
    EditionTag,
    Image,
    Organisation,
    Recording,
    Section,
    Tag,
)
from news.services import rendering
from news.text.normalize import fold
from news.text.segment import set_title
from news.text.slug import slugify

_log = logging.getLogger(__name__)
SCHEMA = 1
Content = dict[str, Any]
"""What readers are shown, as plain JSON values; its keys are the contract of pages, feeds and the ledger."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Everything of an article that an edition shows, in memory: read from the desk, or built by an import."""

    article: Article
    section: Section
    other_sections: Sequence[Section] = ()
    byline: Sequence[tuple[Author, str]] = ()
    tags: Sequence[Tag] = ()
    lead_image: Image | None = None
    gallery: Sequence[tuple[Image, str]] = ()
    attachments: Sequence[Attachment] = ()
    delegations: Sequence[tuple[Delegation, Sequence[Attendee]]] = ()
    related: Sequence[int] = field(default=())
    body_images: Sequence[Image] = ()
    recordings: Sequence[Recording] = ()


def gather(article: Article) -> Copy:
    """Read the desk's copy of a saved article; a fixed number of queries, one more where the text names pictures, one
    more where it names recordings.
    """
    byline = article.contributions.select_related("author").order_by("order", "id")
    gallery = article.gallery.select_related("image").order_by("order", "id")
    attendees = Attendee.objects.select_related("person__merged_into").order_by("order", "id")
    delegations = article.delegations.select_related(
        "merged_into", "visiting_organisation__merged_into", "host_organisation__merged_into"
    ).prefetch_related(Prefetch("attendees", queryset=attendees, to_attr="in_order"))
    tags = article.tags.select_related("merged_into").order_by("kind", "id")
    image_ids, recording_ids = markup.figure_numbers(article.body)
    return Copy(
        article=article,
        section=article.section,
        other_sections=list(article.other_sections.order_by("order", "id")),
        byline=[(row.author, row.kind) for row in byline],
        tags=list({(tag.merged_into or tag).pk: tag.merged_into or tag for tag in tags}.values()),
        lead_image=article.lead_image,
        gallery=[(row.image, row.caption) for row in gallery],
        attachments=list(article.attachments.order_by("order", "id")),
        delegations=[(row, row.in_order) for row in delegations.order_by("from_on", "id")],
        related=list(article.related_picks.order_by("order", "id").values_list("target_id", flat=True)),
        body_images=_in_order(Image.objects.all(), image_ids),
        recordings=_in_order(Recording.objects.select_related("poster"), recording_ids),
    )


def _in_order[Row: Model](rows: QuerySet[Row], numbers: Sequence[int]) -> list[Row]:
    """The rows of these numbers, in this order; a number without a row is passed over. One query, or none."""
    if not numbers:
        return []
    found = {row.pk: row for row in rows.filter(pk__in=numbers)}
    return [found[number] for number in numbers if number in found]


def compose(article: Article) -> Content:
    """The content readers would see if the article were published as it is."""
    return content_of(gather(article))


def content_of(copy: Copy) -> Content:
    """The content of a copy; a pure function of it, so equal copies have equal hashes."""
    article = copy.article
    return {
        "schema": SCHEMA,
        "title": article.title,
        "slug": slugify(article.title) or "bai",
        "kicker": article.kicker,
        "lead": article.lead,
        "body": article.body,
        "section": _section(copy.section),
        "other_sections": [_section(section) for section in copy.other_sections if section.pk != copy.section.pk],
        "genre": article.genre,
        "event_on": _day(article.event_on),
        "lead_image": image_json(copy.lead_image, article.lead_image_caption) if copy.lead_image else None,
        "gallery": [image_json(image, caption) for image, caption in copy.gallery],
        "attachments": [attachment_json(item) for item in copy.attachments],
        "byline": [{"id": author.pk, "name": author.name, "kind": kind} for author, kind in copy.byline],
        "tags": [{"id": tag.pk, "name": tag.name, "slug": tag.slug, "kind": tag.kind} for tag in copy.tags],
        "delegations": [delegation_json(delegation, attendees) for delegation, attendees in copy.delegations],
        "related": list(copy.related),
        "allow_comments": article.allow_comments,
        "source": (
            {
                "name": article.source_name,
                "url": article.source_url,
                "agreement": article.source_agreement,
                "published_at": _moment(article.source_published_at),
            }
            if article.source_name
            else None
        ),
        "provenance": article.provenance,
        "ai": {"note": article.ai_note} if article.ai_used else None,
        # Said only where there is something: what was approved before figures were keeps its hash.
        **({"body_images": [image_json(image, "") for image in copy.body_images]} if copy.body_images else {}),
        **({"recordings": [recording_json(item) for item in copy.recordings]} if copy.recordings else {}),
    }


def attachment_json(item: Attachment) -> dict[str, Any]:
    """A document as a content holds it; `name` is the one readers get it under."""
    return {
        "id": item.pk,
        "title": item.title,
        "name": filetypes.public_name(item.title, item.content_type),
        "content_type": item.content_type,
        "byte_count": item.byte_count,
        "sha256": item.content_sha256,
    }


def recording_json(recording: Recording) -> dict[str, Any]:
    """A recording as a content holds it."""
    return {
        "id": recording.pk,
        "kind": recording.kind,
        "key": recording.key,
        "title": recording.title,
        "content_type": recording.content_type,
        "byte_count": recording.byte_count,
        "seconds": recording.seconds,
        "caption": recording.caption,
        "credit": recording.credit,
        "transcript": recording.transcript,
        "poster": image_json(recording.poster, "") if recording.poster else None,
    }


def content_sha256(content: Content) -> str:
    """The hash that an approval stores."""
    return crypto.sha256(crypto.canonical(content))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _section(section: Section) -> dict[str, Any]:
    return {"id": section.pk, "name": section.name, "slug": section.slug}


def image_json(image: Image, caption: str) -> dict[str, Any]:
    """A picture as a content holds it, under its own caption unless another one is given."""
    return {
        "id": image.pk,
        "key": image.key,
        "width": image.width,
        "height": image.height,
        "alt": image.alt,
        "caption": caption or image.caption,
        "credit": image.credit,
        # Said only where there is more than the first formats: what was approved before keeps its hash.
        **({} if image.formats == "webp,jpg" else {"formats": image.formats.split(",")}),
        "renditions": [list(size) for size in imaging.rendition_sizes(image.width, image.height)],
        # Likewise: only for a picture whose focal point or crop somebody has set.
        **({"crops": crops} if (crops := rendering.shape_of(image)["crops"]) else {}),
    }


def _organisation(organisation: Organisation | None) -> dict[str, Any] | None:
    if organisation is None:
        return None
    target = organisation.merged_into or organisation
    return {"id": target.pk, "name": organisation.name, "slug": slugify(target.name) or "co-quan"}


def delegation_json(delegation: Delegation, attendees: Iterable[Attendee]) -> dict[str, Any]:
    """A delegation with its list as a content holds it."""
    return {
        "id": (delegation.merged_into or delegation).pk,
        "name": delegation.name,
        "slug": slugify(delegation.name) or "doan",
        "visiting": _organisation(delegation.visiting_organisation),
        "host": _organisation(delegation.host_organisation),
        "places": delegation.place_list,
        "from_on": _day(delegation.from_on),
        "to_on": _day(delegation.to_on),
        "date_text": delegation.date_text,
        "purpose": delegation.purpose,
        "attendees": [
            {
                "person": (
                    {
                        "id": (row.person.merged_into or row.person).pk,
                        "slug": slugify((row.person.merged_into or row.person).name) or "nhan-su",
                    }
                    if row.person
                    else None
                ),
                "name": row.name,
                "positions": row.position_list,
                "group": row.group,
                "side": row.side,
                "role": row.role,
            }
            for row in attendees
        ],
    }


# --- The sealed edition ------------------------------------------------------------------------


def _who(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.get_full_name()} if user else None


def seal(
    *,
    article: Article,
    content: Content,
    number: int,
    published_at: datetime,
    at: datetime,
    visible_from: datetime,
    visible_until: datetime,
    written_by: User | None = None,
    edited_by: User | None = None,
    approved_by: User | None = None,
) -> Edition:
    """An unsaved edition: the payload written out and hashed, its columns projected from it."""
    hashed = content_sha256(content)
    payload = {
        "schema": SCHEMA,
        "content": content,
        "content_sha256": hashed,
        "record": {
            "article": article.pk,
            "number": number,
            "published_at": _moment(published_at),
            "sealed_at": _moment(at),
            "written_by": _who(written_by),
            "edited_by": _who(edited_by),
            "approved_by": _who(approved_by),
        },
    }
    text = crypto.canonical(payload)
    return Edition(
        article=article,
        payload=text,
        payload_sha256=crypto.sha256(text),
        visible_from=visible_from,
        visible_until=visible_until,
        title_set=set_title(content["title"]),
        **projection(payload),
    )


CARD_IMAGE = ("key", "alt", "width", "height", "formats", "renditions", "crops")


def projection(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `Edition` that repeat the payload, by name."""
    content, record = payload["content"], payload["record"]
    image = content["lead_image"]
    return {
        "number": record["number"],
        "content_sha256": payload["content_sha256"],
        "sealed_at": datetime.fromisoformat(record["sealed_at"]),
        "published_at": datetime.fromisoformat(record["published_at"]),
        "title": content["title"],
        "slug": content["slug"],
        "kicker": content["kicker"],
        "lead": content["lead"],
        "section_id": content["section"]["id"],
        "card_image": {key: image[key] for key in CARD_IMAGE if key in image} if image else None,
    }


def index_rows(edition: Edition, content: Content, parents: Mapping[int, int | None]) -> list[Model]:
    """The unsaved index rows of a saved edition. `parents` maps each section's id to its parent's."""
    base: dict[str, Any] = {
        "edition": edition,
        "article_id": edition.article_id,
        "published_at": edition.published_at,
    }
    sections = [content["section"]["id"], *(item["id"] for item in content["other_sections"])]
    above = [parent for pk in sections if (parent := parents.get(pk)) is not None]
    delegations = content["delegations"]
    people = [row["person"]["id"] for item in delegations for row in item["attendees"] if row["person"]]
    organisations = [side["id"] for item in delegations for side in (item["visiting"], item["host"]) if side]
    images = rendering.pictures_of(content)
    return [
        *(EditionSection(**base, section_id=pk) for pk in dict.fromkeys([*sections, *above])),
        *(EditionTag(**base, tag_id=pk) for pk in dict.fromkeys(item["id"] for item in content["tags"])),
        *(EditionPerson(**base, person_id=pk) for pk in dict.fromkeys(people)),
        *(EditionOrganisation(**base, organisation_id=pk) for pk in dict.fromkeys(organisations)),
        *(
            EditionDelegation(**base, delegation_id=pk, **_days_and_words(item))
            for pk, item in {item["id"]: item for item in delegations}.items()
        ),
        *(EditionAuthor(**base, author_id=pk) for pk in dict.fromkeys(item["id"] for item in content["byline"])),
        *(
            EditionImage(**base, image_id=image["id"], key=image["key"])
            for image in {image["key"]: image for image in images}.values()
        ),
        *(
            EditionFile(**base, key=file.key, name=file.name, content_type=file.content_type)
            for file in files_of(content)
        ),
    ]


def _days_and_words(item: Mapping[str, Any]) -> dict[str, Any]:
    start, end = (date.fromisoformat(item[key]) if item[key] else None for key in ("from_on", "to_on"))
    sides = [side["name"] for side in (item["visiting"], item["host"]) if side]
    people = [line["name"] for line in item["attendees"] if line["name"]]
    words = [item["name"], *sides, *item["places"], *people, item["date_text"]]
    return {"from_on": start, "to_on": end or start, "search_key": fold(" ".join(words))}


def section_parents() -> dict[int, int | None]:
    """Each section's parent, by id: what indexing an edition asks."""
    return dict(Section.objects.values_list("id", "parent_id"))


INDEXES: tuple[type[Model], ...] = (
    EditionSection,
    EditionTag,
    EditionPerson,
    EditionOrganisation,
    EditionDelegation,
    EditionAuthor,
    EditionImage,
    EditionFile,
)


def write_index(rows: Iterable[Model]) -> None:
    """Save index rows, one statement a table (in batches)."""
    by_table: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row)
    for table, found in by_table.items():
        table._default_manager.bulk_create(found, batch_size=1000)


# --- Files -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A document or a recording of a content: its public name, where the private storage keeps it, its bytes."""

    key: str
    name: str
    content_type: str
    source: str
    byte_count: int

    @property
    def public(self) -> str:
        """Where the public storage keeps it."""
        return f"tep/{self.key}"


ATTACHMENTS, RECORDINGS = "attachments", "recordings"
"""Folders of the private storage, and of a content's keys."""


def stored_name(folder: str, key: str, content_type: str) -> str:
    """Where the private storage keeps a file; `key` is the first 40 digits of its SHA-256."""
    return f"{folder}/{key[:2]}/{key}.{filetypes.extension_of(content_type)}"


def files_of(content: Mapping[str, Any]) -> list[PublicFile]:
    """The documents and recordings of a content, each once."""
    found = [(ATTACHMENTS, item["sha256"][:40], item["name"], item) for item in content.get("attachments", ())]
    for item in content.get("recordings", ()):
        name = filetypes.public_name(item["title"], item["content_type"])
        found.append((RECORDINGS, item["key"], name, item))
    files: dict[str, PublicFile] = {}
    for folder, key, name, item in found:
        kind = item["content_type"]
        files.setdefault(key, PublicFile(key, name, kind, stored_name(folder, key, kind), item["byte_count"]))
    return list(files.values())


def files_ahead(article: Article) -> list[PublicFile]:
    """The files an edition of the article would carry now. Two queries."""
    _, numbers = markup.figure_numbers(article.body)
    return files_of(
        {
            "attachments": [attachment_json(item) for item in article.attachments.order_by("order", "id")],
            "recordings": [
                recording_json(row) for row in _in_order(Recording.objects.select_related("poster"), numbers)
            ],
        }
    )


def publish_files(files: Iterable[PublicFile]) -> None:
    """Copy files to the public storage, where missing or cut short. Raises `FileNotFoundError`.

    As with renditions: nothing there is served unless an edition that carries it is live.
    """
    private, public = storages["private"], storages["public"]
    for file in files:
        if public.exists(file.public):
            if public.size(file.public) == file.byte_count:
                continue
            public.delete(file.public)
        with private.open(file.source) as source:
            public.save(file.public, source)


def remove_files(keys: Iterable[str]) -> None:
    """Delete the public copies of the files with these keys."""
    public = storages["public"]
    for key in keys:
        if public.exists(f"tep/{key}"):
            public.delete(f"tep/{key}")
