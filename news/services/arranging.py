"""Arranging: which articles the newsroom puts at the top of the front page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from news.models import FRONT_PLACES, Edition, FrontPlace
from news.workflow import NotAllowed

_REARRANGED = "Có người vừa xếp lại trang nhất. Hãy xem cách xếp mới rồi xếp lại nếu cần."
PERMISSION = "news.change_frontplace"


class PlaceRefused(NotAllowed):
    """An article cannot stand there; `number` is the place."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class Rearranged(NotAllowed):
    """A colleague arranged the page since it was opened."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What is to stand in a place, and until when (None: until somebody changes it)."""

    article_id: int
    until: datetime | None = None


def stamp() -> str:
    """What tells one arrangement from another. One query."""
    rows = FrontPlace.objects.order_by("number").values_list("number", "article_id", "placed_at")
    return "|".join(f"{number}:{article_id}:{moment.timestamp()}" for number, article_id, moment in rows)


def arrange(*, places: Mapping[int, Placing], seen: str, actor: User, at: datetime) -> None:
    """Make `places` (by number, 1 is the lead) the arrangement; places that are not named are left to what is newest.

    `seen` is the `stamp` the actor had before the eyes. Raises `PlaceRefused`, `Rearranged`, `NotAllowed`.
    """
    if PERMISSION not in actor.granted_permissions:
        raise NotAllowed("Vai trò của bạn không xếp trang nhất.")
    try:
        _write(places=places, seen=seen, actor=actor, at=at)
    except IntegrityError:  # two arranged an empty page at the same moment
        raise Rearranged(_REARRANGED) from None


def _write(*, places: Mapping[int, Placing], seen: str, actor: User, at: datetime) -> None:
    with transaction.atomic():
        held = {row.number: row for row in FrontPlace.objects.select_for_update().order_by("number")}
        if stamp() != seen:
            raise Rearranged(_REARRANGED)
        _check(places, at)
        if {number: (row.article_id, row.until) for number, row in held.items()} == {
            number: (placing.article_id, placing.until) for number, placing in places.items()
        }:
            return
        FrontPlace.objects.all().delete()
        FrontPlace.objects.bulk_create(
            FrontPlace(number=number, article_id=placing.article_id, until=placing.until, placed_by=actor, placed_at=at)
            for number, placing in sorted(places.items())
        )


def _check(places: Mapping[int, Placing], at: datetime) -> None:
    wanted = [placing.article_id for placing in places.values()]
    shown = set(Edition.objects.not_over(at).filter(article_id__in=wanted).values_list("article_id", flat=True))
    for number, placing in sorted(places.items()):
        if not 1 <= number <= FRONT_PLACES:
            raise PlaceRefused(number, f"Trang nhất chỉ có {FRONT_PLACES} vị trí.")
        if placing.article_id not in shown:
            raise PlaceRefused(number, "Bài này không hiện với bạn đọc và cũng chưa hẹn giờ đăng.")
        if wanted.count(placing.article_id) > 1:
            raise PlaceRefused(number, "Một bài chỉ đứng ở một vị trí.")
        if placing.until is not None and placing.until <= at:
            raise PlaceRefused(number, "Giờ này đã qua.")
