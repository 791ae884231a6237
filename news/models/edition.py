"""Editions: what readers see. The payload is sealed, visibility is one time range; the rest is rebuilt from both."""

from datetime import UTC, datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from news.models.article import Article
from news.models.author import Author
from news.models.delegation import Delegation
from news.models.image import Image
from news.models.organisation import Organisation
from news.models.person import Person
from news.models.section import Section
from news.models.tag import Tag

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The `visible_until` of an edition without an end. Never NULL, so that one comparison answers for all."""


def is_live(at: datetime, path: str = "") -> Q:
    """What "readers see it at that moment" means, the only definition; `path` leads to the edition ("edition__")."""
    return Q(**{f"{path}visible_from__lte": at, f"{path}visible_until__gt": at})


class EditionQuerySet(models.QuerySet["Edition"]):
    """The only way for public code to ask what readers may see."""

    def live(self, at: datetime | None = None) -> Self:
        """What readers see at that moment (default: now)."""
        return self.filter(is_live(at or timezone.now()))

    def once_visible(self, at: datetime | None = None) -> Self:
        """What readers see or have seen at some time up to that moment; a cancelled schedule never counts."""
        at = at or timezone.now()
        return self.filter(visible_from__lte=at, visible_until__gt=F("visible_from"))

    def upcoming(self, at: datetime) -> Self:
        """Scheduled after that moment and not cancelled."""
        return self.filter(visible_from__gt=at, visible_until__gt=F("visible_from"))

    def not_over(self, at: datetime) -> Self:
        """Live at that moment or to be live later."""
        return self.filter(visible_until__gt=at).filter(visible_until__gt=F("visible_from"))

    def newest_first(self) -> Self:
        """By first publication, the newest first; equal times by number."""
        return self.order_by("-published_at", "-article_id")


class Edition(models.Model):
    """One sealed state of an article.

    `payload` is canonical JSON text and `payload_sha256` its SHA-256: both never change (a redaction blanks the payload
    and keeps the hash). `visible_from`/`visible_until` change only in services, each change with a ledger entry. The
    other columns repeat parts of the payload so that lists need not open it; `verify_ledger` compares them.
    """

    article = models.ForeignKey(
        Article, verbose_name="bài viết", on_delete=models.PROTECT, related_name="editions", db_index=False
    )
    number = models.PositiveIntegerField("số")
    payload = models.TextField("nội dung niêm phong")
    payload_sha256 = models.CharField("mã băm", max_length=64)
    content_sha256 = models.CharField("mã băm phần nội dung", max_length=64)
    sealed_at = models.DateTimeField("niêm phong lúc")
    published_at = models.DateTimeField("xuất bản lần đầu")
    visible_from = models.DateTimeField("hiện từ")
    visible_until = models.DateTimeField("hiện đến", default=FOREVER)

    title = models.CharField("tiêu đề", max_length=250)
    title_set = models.CharField(
        "tiêu đề đã dàn chữ",
        max_length=250,
        blank=True,
        help_text="Tiêu đề với dấu cách không ngắt trong tên riêng và từ ghép; suy từ tiêu đề.",
    )
    slug = models.CharField("địa chỉ", max_length=120)
    kicker = models.CharField("dòng trên tiêu đề", max_length=80, blank=True)
    lead = models.TextField("sa-pô", blank=True)
    section = models.ForeignKey(
        Section, verbose_name="chuyên mục", on_delete=models.PROTECT, related_name="editions", db_index=False
    )
    card_image = models.JSONField(null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = "ấn bản"
        verbose_name_plural = "ấn bản"
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="edition_number_once"),
            models.CheckConstraint(condition=Q(visible_from__lte=F("visible_until")), name="edition_range_in_order"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_number_from_one"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-article"], name="edition_newest"),
            models.Index(fields=["article", "visible_until", "visible_from"], name="edition_of_article"),
            models.Index(fields=["visible_from"], name="edition_appears"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (ấn bản {self.number})"


class EditionLinkQuerySet(models.QuerySet[Any]):
    """Questions to the index rows."""

    def live(self, at: datetime | None = None) -> Self:
        """Rows of editions that readers see at that moment (default: now)."""
        return self.filter(is_live(at or timezone.now(), "edition__"))

    def newest_first(self) -> Self:
        """In the order of the lists: by first publication, equal times by number."""
        return self.order_by("-published_at", "-article_id")


class EditionLink(models.Model):
    """An index row: this edition has to do with that thing. Unhashed, rebuilt from the payload at any time."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    published_at = models.DateTimeField()

    objects = EditionLinkQuerySet.as_manager()

    class Meta:
        abstract = True


class EditionSection(EditionLink):
    """Edition × section, the parent section included."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "section"], name="edition_section_once")]
        indexes = [models.Index(fields=["section", "-published_at", "-article"], name="edition_section_newest")]


class EditionTag(EditionLink):
    """Edition × tag or topic."""

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "tag"], name="edition_tag_once")]
        indexes = [models.Index(fields=["tag", "-published_at", "-article"], name="edition_tag_newest")]


class EditionPerson(EditionLink):
    """Edition × person named in a delegation."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "person"], name="edition_person_once")]
        indexes = [models.Index(fields=["person", "-published_at", "-article"], name="edition_person_newest")]


class EditionOrganisation(EditionLink):
    """Edition × organisation that sent or received a delegation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "organisation"], name="edition_organisation_once")]
        indexes = [
            models.Index(fields=["organisation", "-published_at", "-article"], name="edition_organisation_newest")
        ]


class EditionDelegation(EditionLink):
    """Edition × delegation: with the days of the visit and the folded words by which it is found, as printed."""

    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)
    search_key = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "delegation"], name="edition_delegation_once")]
        indexes = [
            models.Index(fields=["delegation", "-published_at", "-article"], name="edition_delegation_newest"),
            models.Index(fields=["-published_at", "-article"], name="edition_delegation_all"),
            models.Index(fields=["from_on", "to_on"], name="edition_delegation_days"),
        ]


class EditionAuthor(EditionLink):
    """Edition × author in the byline."""

    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "author"], name="edition_author_once")]
        indexes = [models.Index(fields=["author", "-published_at", "-article"], name="edition_author_newest")]


class EditionImage(EditionLink):
    """Edition × picture: which renditions the public may fetch. `key` names the renditions' folder."""

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "key"], name="edition_image_once")]
        indexes = [models.Index(fields=["key"], name="edition_image_key")]


class EditionFile(EditionLink):
    """Edition × document or recording: which files the public may fetch, under which name and type."""

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "key"], name="edition_file_once")]
        indexes = [models.Index(fields=["key"], name="edition_file_key")]
