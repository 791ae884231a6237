"""Picturing: uploads become pictures of the library, still private; what is said of them, how they are cut, who is in.

An upload keeps its cleaned original and one small rendition at once; a task makes the others. Whoever needs them
earlier (publishing) makes what is missing on the spot: `make_files`. A file is whole or not there.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.storage.base import Storage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from accounts.models import User
from news import imaging, markup
from news.imaging import BadPicture, limited
from news.models import Article, ArticleImage, FormerFile, Image, ImagePerson, Position
from news.text.normalize import clean_line, fold
from news.workflow import NotAllowed

_log = logging.getLogger(__name__)
ADD: Final = "news.add_image"
CHANGE: Final = "news.change_image"
WAITS: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""After which a task that failed tries again; then `manage.py make_renditions` is left."""


def _check(actor: User | None, permission: str) -> None:
    """The system itself (no actor: imports, the demo, tests) may."""
    if actor is not None and permission not in actor.granted_permissions:
        raise NotAllowed("Bạn không có quyền thêm hay sửa ảnh của kho.")


def too_heavy() -> BadPicture:
    """What is said of a file with too many bytes, for doors that know the number before they read."""
    return limited.too_heavy()


def add(
    *,
    upload: IO[bytes],
    actor: User | None,
    at: datetime,
    name: str = "",
    declared: str = "",
    alt: str = "",
    caption: str = "",
    credit: str = "",
) -> Image:
    """Keep an uploaded picture. The same picture again gives the row there is. Raises `imaging.BadPicture`.

    File names are made here: nothing of the visitor's name for the file is kept. `name` and `declared` (the browser's
    name and type of the file) are compared with what it is; "" is not compared. The other renditions follow by a task.
    """
    with limited.cleaned(upload, name=name, declared=declared) as picture:
        existing = Image.objects.filter(key=picture.key).first()
        if existing is not None:
            return existing
        image = Image(
            **_files_kept(picture),
            alt=clean_line(alt)[:300],
            caption=clean_line(caption)[:500],
            credit=clean_line(credit)[:120],
            taken_on=date.fromisoformat(picture.taken_on) if picture.taken_on else None,
            uploaded_by=actor,
            created_at=at,
        )
    image.text_key = text_key(image)
    try:
        with transaction.atomic():
            image.save(force_insert=True)
            _ask_for_files(image.pk)
    except IntegrityError:  # the same picture came in twice at one moment
        return Image.objects.get(key=image.key)
    return image


def _files_kept(picture: limited.Clean) -> dict[str, Any]:
    """Write the original and the small rendition; the columns of `Image` that say so."""
    private = storages["private"]
    original = f"originals/{picture.key[:2]}/{picture.key}.{'png' if picture.format == 'PNG' else 'jpg'}"
    keep_file(private, original, picture.original)
    smallest = imaging.rendition_sizes(picture.width, picture.height)[0][0]
    keep_file(private, f"renditions/{picture.key}/{smallest}.jpg", picture.small)
    return {
        "original": original,
        "content_sha256": picture.upload_sha256,
        "key": picture.key,
        "format": picture.format,
        "formats": ",".join(imaging.RENDITION_FORMATS),
        "width": picture.width,
        "height": picture.height,
        "byte_count": picture.byte_count,
    }


def keep_file(storage: Storage, name: str, path: Path) -> None:
    """Copy a file into a storage under exactly that name, whole or not at all; nothing when it is there already.

    Names of pictures say what is in them, so what is there already is the same.
    """
    if storage.exists(name):
        return
    with path.open("rb") as file:
        kept = storage.save(f"{name}.part" if isinstance(storage, FileSystemStorage) else name, File(file))
    if isinstance(storage, FileSystemStorage):
        Path(storage.path(kept)).replace(storage.path(name))


# --- Renditions ------------------------------------------------------------------------------------------


def shape_of(image: Image) -> dict[str, Any]:
    """What renditions a picture has, in the words in which it is sealed (see `imaging.files_of`)."""
    return {
        "renditions": [list(size) for size in imaging.rendition_sizes(image.width, image.height)],
        "formats": image.formats.split(","),
        "crops": imaging.crops_of(image.width, image.height, (image.focal_x, image.focal_y), image.crops),
    }


def make_files(*, key: str, shape: Mapping[str, Any]) -> None:
    """Make the private renditions of a picture that are missing; `shape` is as sealed. Raises `BadPicture`.

    Nothing is made for a key that no picture has or had.
    """
    private, folder = storages["private"], f"renditions/{key}"
    missing = [item for item in imaging.files_of(shape) if not private.exists(f"{folder}/{item.name}")]
    if not missing:
        return
    original = (
        Image.objects.filter(key=key).values_list("original", flat=True).first()
        or FormerFile.objects.filter(key=key).values_list("original", flat=True).first()
    )
    if not original:
        return
    try:
        source = private.open(original)
    except OSError as error:
        raise BadPicture("Không mở được tệp gốc của ảnh.") from error
    with source, limited.rendered(source, missing) as made:
        for name, path in made.items():
            keep_file(private, f"{folder}/{name}", path)


def render(*, image_id: int, at: datetime) -> bool:
    """Make what a picture lacks and note that it is complete. False when it changed meanwhile, or is gone.

    Raises `BadPicture`.
    """
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return False
    shape = shape_of(image)
    make_files(key=image.key, shape=shape)
    with transaction.atomic():
        fresh = Image.objects.select_for_update().get(pk=image_id)
        if fresh.key != image.key or shape_of(fresh) != shape:
            return False
        Image.objects.filter(pk=image_id).update(rendered_at=at)
    return True


@dataclass(frozen=True, slots=True)
class Sweep:
    """The numbers of the pictures looked at, in order, and of those that could not be made."""

    ids: list[int]
    failed: list[int]


def render_missing(*, at: datetime, most: int = 100, after: int = 0) -> Sweep:
    """Make what tasks left undone: `most` pictures with numbers above `after`. One query finds them."""
    ids = list(Image.objects.filter(rendered_at=None, pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])
    failed = []
    for pk in ids:
        try:
            render(image_id=pk, at=at)
        except BadPicture:
            _log.exception("the renditions of picture %s could not be made", pk)
            failed.append(pk)
    return Sweep(ids, failed)


@task
def make_renditions(image_id: int, attempt: int = 1) -> None:
    """The background task: everything a picture lacks; tries again later, then leaves it to the sweep."""
    if not Image.objects.filter(pk=image_id, rendered_at=None).exists():
        return
    try:
        if not render(image_id=image_id, at=timezone.now()) and attempt <= len(WAITS):
            make_renditions.enqueue(image_id, attempt + 1)
    except BadPicture:
        _log.exception("the renditions of picture %s could not be made (attempt %s)", image_id, attempt)
        if attempt <= len(WAITS):
            make_renditions.using(run_after=timezone.now() + WAITS[attempt - 1]).enqueue(image_id, attempt + 1)


def _ask_for_files(image_id: int) -> None:
    """After commit: have the renditions made, unless the same transaction has published the picture already."""
    transaction.on_commit(partial(_enqueue, image_id), robust=True)


def _enqueue(image_id: int) -> None:
    if Image.objects.filter(pk=image_id, rendered_at=None).exists():
        make_renditions.enqueue(image_id)


def complete_for(*, article_id: int, at: datetime) -> None:
    """Make what the pictures of an article lack: before a transaction that would otherwise wait for it. One query when
    all is there; what cannot be made is left to the task.
    """
    used = Q(lead_of=article_id) | Q(gallery_of__article_id=article_id) | Q(in_body_of__article_id=article_id)
    for pk in Image.objects.filter(used, rendered_at=None).values_list("pk", flat=True).distinct():
        try:
            render(image_id=pk, at=at)
        except BadPicture:
            _log.exception("the renditions of picture %s could not be made", pk)


# --- What is said of a picture ---------------------------------------------------------------------------


def text_key(image: Image) -> str:
    """The words by which a picture is found, folded."""
    return fold(f"{image.caption} {image.alt} {image.credit}")[:1300]


def describe(image: Image, *, actor: User | None = None) -> Image:
    """Keep what is said of a picture (description, caption, credit, day taken) and how it is cut; never its file.

    When the cut changes, its renditions are made by a task. Raises `NotAllowed`.
    """
    _check(actor, CHANGE)
    image.alt, image.caption = clean_line(image.alt), clean_line(image.caption)
    image.credit = clean_line(image.credit)
    image.text_key = text_key(image)
    fields = ["alt", "caption", "credit", "text_key", "taken_on", "focal_x", "focal_y", "crops"]
    with transaction.atomic():
        before = Image.objects.select_for_update().get(pk=image.pk)
        if shape_of(before) != shape_of(image):
            image.rendered_at = None
            fields.append("rendered_at")
            _ask_for_files(image.pk)
        image.save(update_fields=fields)
    return image


def set_people(*, image: Image, actor: User | None, write: Callable[[Callable[[ImagePerson], None]], None]) -> None:
    """Write who is in a picture, from left to right. `write(prepare)` saves the rows, each after `prepare(row)`.

    A row of the register takes its name from there where none is given, and the highest post held on the day the
    picture was taken where none is given and the day is known. Raises `NotAllowed`.
    """
    _check(actor, CHANGE)

    def prepare(row: ImagePerson) -> None:
        row.name, row.position = clean_line(row.name), clean_line(row.position)
        if row.person is None:
            return
        row.name = row.name or row.person.name
        if not row.position and image.taken_on:
            held = Position.objects.filter(person=row.person).held_on(image.taken_on).in_protocol_order()
            row.position = (held.values_list("title", flat=True).first() or "")[:300]

    with transaction.atomic():
        write(prepare)


# --- Another file for the same picture -------------------------------------------------------------------


def replace(
    *,
    image_id: int,
    upload: IO[bytes],
    actor: User,
    at: datetime,
    name: str = "",
    declared: str = "",
    reason: str = "",
) -> Image:
    """Give a picture another file. Copies at the desk show it from now on; editions keep the one they were sealed with.

    The crops stay when the proportions do, else they start anew. Raises `NotAllowed`, and `BadPicture` for a bad file
    and for one that is a picture of the library already.
    """
    _check(actor, CHANGE)
    with limited.cleaned(upload, name=name, declared=declared) as picture:
        same = Image.objects.filter(key=picture.key).values_list("pk", flat=True).first()
        if same == image_id:
            raise BadPicture("Tệp này chính là tệp đang dùng: không có gì để thay.")
        if same is not None:
            raise BadPicture(f"Tệp này đã có trong kho, là ảnh số {same}: hãy dùng ảnh đó thay vì thay tệp.")
        kept = _files_kept(picture)
    try:
        with transaction.atomic():
            image = Image.objects.select_for_update().get(pk=image_id)
            FormerFile.objects.get_or_create(
                key=image.key,
                defaults={
                    "image": image,
                    "original": image.original.name or "",
                    "width": image.width,
                    "height": image.height,
                    "formats": image.formats,
                    "replaced_by": actor,
                    "replaced_at": at,
                    "reason": clean_line(reason)[:300],
                },
            )
            before, after = image.width / image.height, kept["width"] / kept["height"]
            if abs(before - after) > 0.02 * before:
                image.focal_x, image.focal_y = imaging.CENTRE
                image.crops = {}
            for column, value in kept.items():
                setattr(image, column, value)
            image.rendered_at = None
            image.save(update_fields=[*kept, "focal_x", "focal_y", "crops", "rendered_at"])
            _ask_for_files(image.pk)
    except IntegrityError:
        raise BadPicture("Tệp này vừa được thêm vào kho thành một ảnh khác.") from None
    return image


# --- Where pictures stand --------------------------------------------------------------------------------


def link_body(article: Article) -> None:
    """Note which pictures the body of a saved article shows: part of the transaction of whoever saves it."""
    numbers = set(markup.figure_numbers(article.body)[0])
    before = set(ArticleImage.objects.filter(article=article).values_list("image_id", flat=True))
    if numbers == before:
        return
    ArticleImage.objects.filter(article=article, image_id__in=before - numbers).delete()
    known = Image.objects.filter(pk__in=numbers - before).values_list("pk", flat=True)
    ArticleImage.objects.bulk_create([ArticleImage(article=article, image_id=pk) for pk in known])
