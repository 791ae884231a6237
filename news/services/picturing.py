"""Picturing: uploads become pictures of the library, still private; what is said of them, how they are cut, who is in.

An upload keeps its cleaned original and one small rendition at once; a task makes the others. Whoever needs them
earlier (publishing) makes what is missing on the spot: `make_files`. A file is whole or not there.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import IO, Any, Final

from django.core.files.storage import storages
from django.db import IntegrityError, transaction

from accounts.models import User
from news import crypto, imaging, markup
from news.imaging import BadPicture, limited
from news.models import Article, ArticleImage, FormerFile, Image, ImagePerson, Position
from news.services import rendering
from news.text.normalize import clean_line, fold
from news.workflow import NotAllowed

ADD: Final = "news.add_image"
CHANGE: Final = "news.change_image"


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
    """Keep an uploaded picture. The same picture again gives the row there is.

    Raises `imaging.BadPicture`, `NotAllowed`.

    File names are made here: nothing of the visitor's name for the file is kept. `name` and `declared` (the browser's
    name and type of the file) are compared with what it is; "" is not compared. The other renditions follow by a task.
    """
    _check(actor, ADD)
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
            rendering.ask_for_files(image.pk)
    except IntegrityError:  # the same picture came in twice at one moment
        return Image.objects.get(key=image.key)
    return image


def _files_kept(picture: limited.Clean) -> dict[str, Any]:
    """Write the original and the small rendition; the columns of `Image` that say so."""
    private = storages["private"]
    original = f"originals/{picture.key[:2]}/{picture.key}.{'png' if picture.format == 'PNG' else 'jpg'}"
    rendering.keep_file(private, original, picture.original)
    smallest = imaging.rendition_sizes(picture.width, picture.height)[0][0]
    rendering.keep_file(private, f"renditions/{picture.key}/{smallest}.jpg", picture.small)
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
        if rendering.shape_of(before) != rendering.shape_of(image):
            image.rendered_at = None
            fields.append("rendered_at")
            rendering.ask_for_files(image.pk)
        image.save(update_fields=fields)
    return image


WORDS: Final = ("alt", "caption", "credit")


def words_seen(image: Image) -> str:
    """What the page that shows a picture's words carries back: a short digest of each."""
    return ".".join(crypto.sha256(getattr(image, name))[:16] for name in WORDS)


def put_words(
    *, image_id: int, words: Mapping[str, str], seen: str, actor: User
) -> tuple[Image, dict[str, str], list[str]]:
    """Keep the words (`WORDS`) that were changed on a page opened when they were as `seen` says (`words_seen`).

    The picture, what somebody else wrote meanwhile in fields that were changed on both sides (nothing is written
    then), and the fields written. A field that the page left alone keeps what is there now. Raises `NotAllowed`.
    """
    _check(actor, CHANGE)
    was = dict(zip(WORDS, seen.split("."), strict=False)) if seen else {}
    with transaction.atomic():
        image = Image.objects.select_for_update().get(pk=image_id)
        mine: dict[str, str] = {}
        theirs: dict[str, str] = {}
        for name in WORDS:
            text, now = clean_line(words[name]), getattr(image, name)
            if text == now or crypto.sha256(text)[:16] == was.get(name):
                continue
            mine[name] = text
            if (now or name in was) and crypto.sha256(now)[:16] != was.get(name):
                theirs[name] = now
        if mine and not theirs:
            for name, text in mine.items():
                setattr(image, name, text)
            image.text_key = text_key(image)
            image.save(update_fields=[*mine, "text_key"])
    return image, theirs, [] if theirs else list(mine)


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
            rendering.ask_for_files(image.pk)
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
