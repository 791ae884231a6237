"""Picturing: uploads become pictures of the library, with their renditions, still private."""

from datetime import datetime
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from accounts.models import User
from news import imaging
from news.models import Image
from news.text.normalize import clean_line, fold


def add(
    *,
    upload: IO[bytes],
    actor: User | None,
    at: datetime,
    alt: str = "",
    caption: str = "",
    credit: str = "",
) -> Image:
    """Keep an uploaded picture. The same picture again gives the row there is. Raises `imaging.BadPicture`.

    File names are made here: nothing of the visitor's name for the file is kept.
    """
    picture = imaging.read(upload)
    existing = Image.objects.filter(key=picture.key).first()
    if existing is not None:
        return existing
    private = storages["private"]
    folder = f"renditions/{picture.key}"
    # Files are named by their content: what an upload that was cut short left behind is right, as far as it goes.
    if not all(private.exists(f"{folder}/{name}") for name in imaging.rendition_names(picture)):
        for name, data in imaging.renditions(picture):
            if not private.exists(f"{folder}/{name}"):
                private.save(f"{folder}/{name}", ContentFile(data))
    name = f"originals/{picture.key[:2]}/{picture.key}.{'png' if picture.format == 'PNG' else 'jpg'}"
    if not private.exists(name):
        name = private.save(name, ContentFile(picture.data))
    with transaction.atomic():
        image = Image(
            original=name,
            content_sha256=picture.upload_sha256,
            key=picture.key,
            format=picture.format,
            formats=",".join(imaging.RENDITION_FORMATS),
            width=picture.width,
            height=picture.height,
            byte_count=len(picture.data),
            alt=clean_line(alt)[:300],
            caption=clean_line(caption)[:500],
            credit=clean_line(credit)[:120],
            uploaded_by=actor,
            created_at=at,
        )
        image.text_key = text_key(image)
        image.save(force_insert=True)
    return image


def text_key(image: Image) -> str:
    """The words by which a picture is found, folded."""
    return fold(f"{image.caption} {image.alt} {image.credit}")[:1300]


def describe(image: Image) -> Image:
    """Keep what is said of a picture (description, caption, credit, day taken); the file never changes."""
    image.alt, image.caption = clean_line(image.alt), clean_line(image.caption)
    image.credit = clean_line(image.credit)
    image.text_key = text_key(image)
    with transaction.atomic():
        image.save(update_fields=["alt", "caption", "credit", "text_key", "taken_on"])
    return image
