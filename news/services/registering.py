"""Registering: people, organisations, tags, authors, delegations, with the keys by which they are found and sorted."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.tasks import task

from news.models import (
    Author,
    Delegation,
    Masthead,
    Organisation,
    Person,
    PersonSpelling,
    Position,
    Section,
    SectionRight,
    Tag,
)
from news.services import indexing
from news.text.collation import person_sort_key
from news.text.normalize import ToneStyle, clean_line, clean_text, fold, place_tones
from news.text.slug import slugify

type Registered = (
    Author | Delegation | Masthead | Organisation | Person | PersonSpelling | Position | Section | SectionRight | Tag
)
"""What this module keeps in order."""


def tidy[R: Registered](row: R) -> R:
    """Put the row's texts in order (NFC, one line) and set the keys that follow. Saves nothing; idempotent."""
    if isinstance(row, SectionRight):
        return row
    if isinstance(row, Position):
        row.title = clean_line(row.title)
        return row
    row.name = clean_line(row.name)
    if isinstance(row, Section | Tag):
        row.name = place_tones(row.name, ToneStyle(settings.TONE_STYLE))
    if isinstance(row, Section):
        row.slug = row.slug or slugify(row.name)
        return row
    if isinstance(row, Masthead):
        return row
    row.name_key = fold(row.name)
    if isinstance(row, Person):
        row.sort_key = person_sort_key(row.name)[:400]
    elif isinstance(row, Tag):
        row.slug = row.slug or slugify(row.name, 110)
    elif isinstance(row, Delegation):
        row.places = clean_text(row.places)
        row.purpose = clean_line(row.purpose)
        row.date_text = clean_line(row.date_text)
    return row


def keep[R: Registered](row: R) -> R:
    """Tidy and save the row."""
    with transaction.atomic():
        before = Section.objects.filter(pk=row.pk).values_list("parent_id", flat=True).first() if row.pk else None
        tidy(row).save()
        if isinstance(row, Section) and row.pk and before != row.parent_id:
            transaction.on_commit(partial(reindex_section.enqueue, row.pk))
    return row


@task
def reindex_section(section_id: int) -> None:
    """After a section moved: list its editions under its new parent, and no longer under the old one."""
    indexing.rebuild(section_id=section_id)


def tag_named(name: str) -> Tag:
    """The tag of that name (the one it was merged into, if so), made when there is none."""
    name = clean_line(name)[:120]
    slug = slugify(name, 110) or "tu-khoa"
    tag, _ = Tag.objects.select_related("merged_into").get_or_create(
        slug=slug, defaults={"name": name, "name_key": fold(name)}
    )
    return tag.merged_into or tag


def author_named(name: str) -> Author:
    """The author who signs like that, made when there is none."""
    name = clean_line(name)[:120]
    author = Author.objects.filter(name=name).order_by("id").first()
    return author or keep(Author(name=name, is_pen_name=True))
