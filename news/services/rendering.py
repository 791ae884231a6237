"""Rendering: the files of pictures. Renditions and crops are made in the limited process, in the background, and copied
to the public storage when an edition shows them.

A file is whole or not there, and its name says what is in it. Nothing is decoded inside a transaction: publishing makes
what is missing before it locks anything, copies what there is inside, and brings the rest after commit.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.storage.base import Storage
from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone

from news import imaging, markup
from news.imaging import BadPicture, limited
from news.models import Article, Edition, EditionImage, FormerFile, Image

_log = logging.getLogger(__name__)
WAITS: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""After which a task that failed tries again; then `manage.py make_renditions` is left."""
AT_ONCE: Final = 20
"""How many pictures are made while somebody waits for an article to be published; the others follow."""


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
    """Make what a picture lacks, note that it is complete, and show it where live editions miss it. False when it
    changed meanwhile, or is gone. Raises `BadPicture`.
    """
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return False
    shape = shape_of(image)
    make_files(key=image.key, shape=shape)
    with transaction.atomic():
        fresh = Image.objects.select_for_update().filter(pk=image_id).first()
        if fresh is None or fresh.key != image.key or shape_of(fresh) != shape:
            return False
        Image.objects.filter(pk=image_id).update(rendered_at=at)
    publish_late(image_ids=[image_id], at=at)
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


def render_all_missing(*, at: datetime) -> Sweep:
    """Make all that tasks left undone, each picture looked at once; the numbers of all that were looked at."""
    done = Sweep([], [])
    while True:
        found = render_missing(at=at, after=done.ids[-1] if done.ids else 0)
        if not found.ids:
            return done
        done = Sweep(done.ids + found.ids, done.failed + found.failed)


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


def ask_for_files(image_id: int) -> None:
    """After commit: have the renditions made, unless the same transaction has published the picture already."""
    transaction.on_commit(partial(_enqueue, image_id), robust=True)


def _enqueue(image_id: int) -> None:
    if Image.objects.filter(pk=image_id, rendered_at=None).exists():
        make_renditions.enqueue(image_id)


def complete_for(*, article_id: int, at: datetime) -> None:
    """Make what the pictures of an article lack, posters of its recordings included, before a transaction that must not
    wait for it: at most `AT_ONCE`. Three queries when all is there; what cannot be made is left to the task.
    """
    body = Article.objects.filter(pk=article_id).values_list("body", flat=True).first() or ""
    recordings = markup.figure_numbers(body)[1]
    used = (
        Q(lead_of=article_id)
        | Q(gallery_of__article_id=article_id)
        | Q(in_body_of__article_id=article_id)
        | Q(poster_of__in=recordings)
    )
    for pk in Image.objects.filter(used, rendered_at=None).values_list("pk", flat=True).distinct()[:AT_ONCE]:
        try:
            render(image_id=pk, at=at)
        except BadPicture:
            _log.exception("the renditions of picture %s could not be made", pk)


# --- What readers may fetch ------------------------------------------------------------------------------


def pictures_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every picture the content shows, wherever: the lead image, the gallery, those in the text, posters."""
    posters = [recording["poster"] for recording in content.get("recordings", ())]
    found = [content["lead_image"], *content["gallery"], *content.get("body_images", ()), *posters]
    return [image for image in found if image]


def image_keys(content: Mapping[str, Any]) -> set[str]:
    """The keys of the pictures the content shows."""
    return {image["key"] for image in pictures_of(content)}


def _missing(image: Mapping[str, Any]) -> list[str]:
    public = storages["public"]
    names = [f"{image['key']}/{item.name}" for item in imaging.files_of(image)]
    return [name for name in names if not public.exists(name)]


def copy_renditions(content: Mapping[str, Any]) -> None:
    """Copy the renditions of the content's pictures to the public storage, where missing and made already.

    Nothing there is served unless an edition that uses it is live, so a copy made too early shows nothing.
    """
    private, public = storages["private"], storages["public"]
    for image in pictures_of(content):
        for name in _missing(image):
            if private.exists(f"renditions/{name}"):
                with private.open(f"renditions/{name}") as source:
                    public.save(name, ContentFile(source.read()))


def publish_renditions(content: Mapping[str, Any]) -> None:
    """Make what the content's pictures lack, here and now, and copy it; outside transactions only.

    What cannot be made is logged and passed over: readers see the smaller ones until the task or `manage.py
    make_renditions` brings the rest.
    """
    for image in pictures_of(content):
        if not _missing(image):
            continue
        try:
            make_files(key=image["key"], shape=image)
        except BadPicture:
            _log.exception("the renditions of picture %s could not be made", image["key"])
    copy_renditions(content)


def publish_late(*, image_ids: Iterable[int], at: datetime) -> None:
    """Copy what live editions show of these pictures to the public storage, where it was missing."""
    shown = EditionImage.objects.live(at).filter(image_id__in=list(image_ids)).values("edition_id")
    for payload in Edition.objects.filter(pk__in=shown).values_list("payload", flat=True).iterator(chunk_size=50):
        if payload:
            copy_renditions(json.loads(payload)["content"])


def remove_renditions(image: Mapping[str, Any]) -> None:
    """Delete the public renditions of one picture of a content, crops of earlier editions included."""
    public = storages["public"]
    try:
        _, found = public.listdir(image["key"])
    except FileNotFoundError:
        return
    for name in found:
        if imaging.FILE_NAME.fullmatch(name):
            public.delete(f"{image['key']}/{name}")
