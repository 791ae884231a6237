"""The article as it stands in its form, not saved: what the reader's view beside the form and the checks look at.

What the form cannot accept (a day that is none, a name nobody bears) stays as it was loaded. Nothing is written, and
rows that would be made on saving bear the number 0.
"""

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Field

from news import markup
from news.forms.article import ArticleDesk
from news.forms.delegation import Block
from news.forms.fields import Newcomer
from news.models import (
    Article,
    Attachment,
    Attendee,
    Author,
    Delegation,
    Image,
    Organisation,
    Person,
    Position,
    Recording,
    Section,
    Tag,
)
from news.services import editing, filing, sealing
from news.text.slug import slugify

NO_SECTION = "Chưa chọn chuyên mục"


def content_of(desk: ArticleDesk) -> sealing.Content:
    """The content readers would see if what stands in the form were published. A form that was sent is validated."""
    if desk.form.is_bound:
        desk.is_valid()
    article = _article(desk)
    images, recordings = markup.figure_numbers(article.body)
    return sealing.content_of(
        sealing.Copy(
            article=article,
            section=article.section,
            other_sections=list(_value(desk.form, "other_sections") or ()),
            byline=[
                (_row(_value(form, "author"), Author), str(_value(form, "kind") or "text"))
                for form in _filled(desk.byline)
                if _value(form, "author")
            ],
            tags=[_tag(tag) for tag in _tags(desk)],
            lead_image=article.lead_image,
            gallery=[
                (_value(form, "image"), str(_value(form, "caption") or ""))
                for form in _filled(desk.gallery)
                if _value(form, "image")
            ],
            attachments=_attachments(desk),
            delegations=list(_delegations(desk, article.event_on)),
            related=[_value(form, "target").pk for form in _filled(desk.related) if _value(form, "target")],
            body_images=_named(images, Image.objects.in_bulk(images) if images else {}),
            recordings=_named(
                recordings, Recording.objects.select_related("poster").in_bulk(recordings) if recordings else {}
            ),
        )
    )


def _value(form: Any, name: str) -> Any:
    """What the field holds: what was sent, if it may stand there; otherwise what was loaded."""
    if form.is_bound and name in getattr(form, "cleaned_data", {}):
        return form.cleaned_data[name]
    return form.initial.get(name, form.fields[name].initial if name in form.fields else None)


def _filled(rows: Any) -> list[Any]:
    """The rows with something in them that stay, in the order they would be saved in."""
    found = []
    for form in rows.forms:
        if form.is_bound:
            data = getattr(form, "cleaned_data", {})
            stays = bool(data) and not data.get("DELETE") and (form.instance.pk or form.has_changed())
        else:
            stays = bool(form.instance.pk)
        if stays:
            found.append(form)
    return sorted(found, key=_order)


def _order(form: Any) -> tuple[bool, int]:
    order = _value(form, "order")
    return (True, 0) if order is None else (False, int(order))


def _named[Row](numbers: list[int], rows: Mapping[int, Row]) -> list[Row]:
    return [rows[number] for number in numbers if number in rows]


def _row(picked: Any, model: type[Any]) -> Any:
    """A picked row; one that is yet to be made for a name nobody bears."""
    return model(pk=0, name=picked.name) if isinstance(picked, Newcomer) else picked


def _tags(desk: ArticleDesk) -> list[Any]:
    """The tags; those a template brings are names."""
    found = _value(desk.form, "tags") or []
    if not isinstance(found, str):
        return list(found)
    try:
        return list(desk.form.fields["tags"].clean(found))
    except ValidationError:
        return []


def _tag(tag: Any) -> Tag:
    if isinstance(tag, Newcomer):
        return Tag(pk=0, name=tag.name, slug=slugify(tag.name, 110) or "tu-khoa")
    found: Tag = tag
    return found


def _article(desk: ArticleDesk) -> Article:
    """A twin of the article with what stands in the fields; a section it must have."""
    article = copy.copy(desk.article)
    for name in desk.form.Meta.fields:
        value, column = _value(desk.form, name), cast(Field, article._meta.get_field(name))
        if name == "section":
            value = value if isinstance(value, Section) else Section.objects.filter(pk=value).first() if value else None
            value = value or (article.section if article.section_id else Section(name=NO_SECTION, slug="chua-chon"))
        elif value is None and not column.null:
            value = column.get_default()
        setattr(article, name, value)
    return editing.tidy(article)


def _attachments(desk: ArticleDesk) -> list[Attachment]:
    """The documents on the page; one that was chosen and not saved yet is shown as it was received."""
    found = []
    for form in _filled(desk.attachments):
        held, item = _value(form, "upload"), copy.copy(form.instance)
        item.title = _value(form, "title") or item.title
        if isinstance(held, filing.Held):
            item.pk = item.pk or 0
            item.file.name = f"{held.sha256}.{held.extension}"
            item.content_type = held.type.content_type
            item.byte_count, item.content_sha256 = held.byte_count, held.sha256
            item.title = item.title or held.name
        if item.pk is not None and item.content_sha256:
            found.append(item)
    return found


# --- Delegations -------------------------------------------------------------------------------------------


def _delegations(desk: ArticleDesk, day: date | None) -> Iterator[tuple[Delegation, list[Attendee]]]:
    if not desk.delegations.may_change:
        for delegation in desk.delegations.linked:
            yield delegation, _saved(delegation)
    for block in desk.delegations.all:
        if not block.leaves and (block.delegation or (block.form.is_bound and block.has_changed)):
            yield _of_block(block, day)
    known = _value(desk.form, "known_delegation")
    if isinstance(known, Delegation):
        yield known, _saved(known)


def _saved(delegation: Delegation) -> list[Attendee]:
    return list(delegation.attendees.select_related("person__merged_into").order_by("order", "id"))


def _of_block(block: Block, day: date | None) -> tuple[Delegation, list[Attendee]]:
    delegation = copy.copy(block.form.instance)
    for name in block.form.Meta.fields:
        value = _value(block.form, name)
        setattr(delegation, name, value if value is not None or delegation._meta.get_field(name).null else "")
    for name in ("visiting_organisation", "host_organisation"):
        setattr(delegation, name, _row(_value(block.form, name), Organisation))
    delegation.pk = delegation.pk or 0
    delegation.name = delegation.name or "Đoàn công tác"
    lines = [line for form in _filled(block.rows) if (line := _line(form))]
    _fill_positions(lines, day or delegation.from_on)
    return delegation, lines


def _line(form: Any) -> Attendee | None:
    """The row as it would be printed; None while it names nobody."""
    line = copy.copy(form.instance)
    person = _row(_value(form, "person"), Person) if "person" in form.fields else None
    line.person = person
    for name in ("name", "positions", "group", "side", "role"):
        if name in form.fields:
            setattr(line, name, _value(form, name) or "")
    line.name = line.name or (person.name if person else "")
    line.side, line.role = line.side or form.instance.side, line.role or form.instance.role
    return line if line.name or line.group else None


def _fill_positions(lines: list[Attendee], day: date | None) -> None:
    """Posts held on the day for those whose row leaves them open, as saving would freeze them: one query."""
    people = {line.person.pk for line in lines if line.person and line.person.pk and not line.positions}
    if day is None or not people:
        return
    held: dict[int, list[str]] = {}
    rows = Position.objects.filter(person__in=people).held_on(day).in_protocol_order()
    for person, title in rows.values_list("person_id", "title"):
        held.setdefault(person, []).append(title)
    for line in lines:
        if line.person and not line.positions:
            line.positions = "\n".join(held.get(line.person.pk, ()))
