"""The history of an article at the desk: its story on one page, two versions side by side, an old one restored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from news import markup, workflow
from news.admin.content import rendition_address
from news.admin.desk import may, staff
from news.models import Article, Image
from news.queries import drafts, versions
from news.queries.versions import NOW, Comparison, Content, Line, Part, Version
from news.services import restoring, sealing
from news.services.reviewing import Changed
from news.workflow import NotAllowed

KEPT: Final = 1
"""How many unchanged lines stay open on either side of a change."""

VIEW: Final = "news.view_revision"


class Extent(Enum):
    """How much of two versions a comparison shows."""

    CHANGES = "what differs"
    EVERYTHING = "all of it"

    @property
    def other(self) -> "Extent":
        """What the link beside offers."""
        return Extent.CHANGES if self is Extent.EVERYTHING else Extent.EVERYTHING


class HistoryPages:
    """The part of the article's pages that tells its history; mixed into its admin."""

    def get_urls(self) -> list[URLPattern]:
        """The story, the comparison, and where an old version is restored."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:article_id>/lich-su/", wrap(self.story_view), name="news_article_story"),
            path("<int:article_id>/so-sanh/", wrap(self.compare_view), name="news_article_compare"),
            path("<int:article_id>/khoi-phuc/<slug:token>/", wrap(self.restore_view), name="news_article_restore"),
            *super().get_urls(),  # type: ignore[misc]  # mixed into a ModelAdmin
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The stock address of a history: the story's own."""
        article = self.article_or_404(request, object_id)
        return HttpResponseRedirect(reverse("admin:news_article_story", args=[article.pk]))

    def story_view(self, request: HttpRequest, article_id: int) -> HttpResponse:
        """Everything that happened to an article, the newest first, page by page."""
        article = self.article_or_404(request, article_id)
        user, at = staff(request), timezone.now()
        only = request.GET.get("xem", "")
        only = only if only in versions.FILTERS else ""
        before = request.GET.get("truoc", "")
        shown = versions.story_page(article, user, only=only, before=before)
        may_compare = may(user, VIEW)
        found = versions.choices(article, user) if may_compare else []
        context = {
            "title": f"Lịch sử: {article.title}",
            "story": shown,
            "is_first_page": not before,
            "only": only,
            "filters": [(word, label) for word, (label, _) in versions.FILTERS.items()],
            "older": f"?{urlencode({**({'xem': only} if only else {}), 'truoc': shown.older})}" if shown.older else "",
            "may_compare": may_compare,
            "may_restore": may_compare and not self._restore_refusal(request, article),
            "choices": found,
            "left": _second_last(found),
            "drift": _drift(article) if may_compare and not before else None,
            "state": workflow.state_of(article, at),
        }
        return self._page(request, "admin/news/article/story.html", context, article)

    def compare_view(self, request: HttpRequest, article_id: int) -> HttpResponse:
        """Two versions of an article side by side; what is asked for wrongly is asked for again."""
        article = self.article_or_404(request, article_id)
        user = staff(request)
        if not may(user, VIEW):
            raise PermissionDenied
        left, right = request.GET.get("tu", ""), request.GET.get("den", "")
        if not left and not right:
            left, right = versions.last_change(article)
        right = right or NOW
        left = left or _before(article, right)
        extent = Extent.EVERYTHING if request.GET.get("hien") == "het" else Extent.CHANGES
        old, new = self._version_asked(request, article, left), self._version_asked(request, article, right)
        context: dict[str, Any] = {
            "title": f"So sánh: {article.title}",
            "choices": versions.choices(article, user),
            "left": left,
            "right": right,
            "is_whole": extent is Extent.EVERYTHING,
        }
        if old is None or new is None:
            return self._page(request, "admin/news/article/compare.html", context, article, status=404)
        context |= {"old": old[0], "new": new[0], "swapped": _address(article, right, left, extent)}
        context["other_view"] = _address(article, left, right, extent.other)
        context |= _walk(article, new[0], extent)
        if old[1] is not None and new[1] is not None:
            comparison = versions.compare(old[1], new[1], titles=versions.related_titles((old[1], new[1]), user))
            context["comparison"] = _shown(comparison, extent)
        if not self._restore_refusal(request, article):
            context["restorable"] = [
                version for version, content in (old, new) if version.kind != NOW and content is not None
            ]
        return self._page(request, "admin/news/article/compare.html", context, article)

    def restore_view(self, request: HttpRequest, article_id: int, token: str) -> HttpResponse:
        """Show what would come back, then bring it back."""
        article = self.article_or_404(request, article_id)
        user, at = staff(request), timezone.now()
        if not may(user, VIEW):
            raise PermissionDenied
        found = versions.find(article, token, user)
        if found is None:
            raise Http404
        if request.method != "POST":
            return self._offer_restore(request, article, found)
        if not self.has_right(request, "change"):
            raise PermissionDenied
        text = request.POST.get("version", "")
        seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        try:
            restored = restoring.restore(
                article_id=article.pk,
                token=token,
                actor=user,
                at=at,
                version=seen,
                seen_sha256=request.POST.get("seen", "")[:64],
            )
        except Changed:
            error = "Có người vừa sửa bài trong khi bạn xem trang này. So sánh dưới đây đã là với bản mới: hãy xem lại."
            return self._offer_restore(
                request, self.article_or_404(request, article_id), found, error=error, status=409
            )
        except NotAllowed as refused:
            return self._offer_restore(
                request, self.article_or_404(request, article_id), found, error=str(refused), status=403
            )
        except IntegrityError:
            error = "Có người vừa lưu cùng lúc với bạn nên chưa khôi phục được. Hãy thử lại."
            return self._offer_restore(
                request, self.article_or_404(request, article_id), found, error=error, status=409
            )
        self.log_change(request, restored.article, f"Khôi phục {found[0].name.lower()}.")
        self.message_user(
            request, f"Đã khôi phục {found[0].name.lower()} thành bản nháp mới; bản trước đó vẫn còn trong lịch sử.",
            messages.SUCCESS,
        )  # fmt: skip
        for note in restored.notes:
            self.message_user(request, note, messages.WARNING)
        return HttpResponseRedirect(self.address_of(article))

    def _offer_restore(
        self,
        request: HttpRequest,
        article: Article,
        found: tuple[Version, Content | None],
        *,
        error: str = "",
        status: int = 200,
    ) -> HttpResponse:
        user = staff(request)
        version, content = found
        context: dict[str, Any] = {
            "title": f"Khôi phục {version.name.lower()}: {article.title}",
            "version": version,
            "old": versions.present(article),
            "new": version,
            "error": error,
            "refusal": self._restore_refusal(request, article),
        }
        holder = drafts.holder_of(article.pk, timezone.now())
        if holder is not None and holder.user_id != user.pk:
            context["holder"] = holder
        if content is not None:
            present = sealing.compose(article)
            titles = versions.related_titles((present, content), user)
            kept = restoring.kept(article, content, user, timezone.now())
            context["seen_sha256"] = sealing.content_sha256(present)
            context["kept"] = [
                f"{row['name']}: {kept[row['id']]}" for row in content.get("delegations") or () if row["id"] in kept
            ]
            comparison = versions.compare(present, content, titles=titles, kept=kept)
            context["comparison"] = _shown(comparison, Extent.CHANGES)
        return self._page(request, "admin/news/article/restore.html", context, article, status=status)

    def _version_asked(
        self, request: HttpRequest, article: Article, token: str
    ) -> tuple[Version, Content | None] | None:
        if token == NOW:
            return versions.present(article), sealing.compose(article)
        return versions.find(article, token, staff(request))

    def _restore_refusal(self, request: HttpRequest, article: Article) -> str:
        """Why the user may not make an old version the draft again now; "" when they may."""
        if not self.has_right(request, "change"):
            return "Vai trò của bạn chỉ xem bài, không sửa."
        return workflow.edit_refusal(article, staff(request), timezone.now())


def _second_last(found: Sequence[Version]) -> str:
    """The token of the save before the last one, or of whatever else there is to compare with."""
    saved = [version.token for version in found if version.kind == "l"]
    return (saved[1:] or saved or [found[-1].token] if found else [""])[0]


def _drift(article: Article) -> Version | None:
    """The last saved version, where what the article shows is no longer what was saved; None where it is."""
    last = versions.last_saved(article)
    if last is None or sealing.content_sha256(sealing.compose(article)) == last[1]:
        return None
    return last[0]


def _before(article: Article, token: str) -> str:
    """What a version is compared with when nobody says: the one before it, the last save for the present copy."""
    kind, number = versions.parse(token) or ("", 0)
    if number > 1:
        return f"{kind}{number - 1}"
    last = versions.last_saved(article) if kind == NOW else None
    return last[0].token if last else token


def _address(article: Article, left: str, right: str, extent: Extent = Extent.CHANGES) -> str:
    query = {"tu": left, "den": right, **({"hien": "het"} if extent is Extent.EVERYTHING else {})}
    return f"{reverse('admin:news_article_compare', args=[article.pk])}?{urlencode(query)}"


def _walk(article: Article, version: Version, extent: Extent) -> dict[str, str]:
    """Where one goes from here along the history: the change before this one, and the change after it."""
    before, after = versions.neighbours(article, version)
    walk = {}
    if before is not None and before.number > 1:
        walk["earlier"] = _address(article, f"{before.kind}{before.number - 1}", before.token, extent)
    if after is not None:
        walk["later"] = _address(article, version.token, after.token, extent)
    return walk


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines one after the other; `is_folded`: nothing differs in them, and they are out of the way."""

    lines: tuple["Shown", ...]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture in a comparison."""

    address: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it: with its pictures."""

    line: Line
    left_pictures: tuple[Thumbnail, ...]
    right_pictures: tuple[Thumbnail, ...]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part as the page shows it."""

    name: str
    kept: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """The parts that differ, and the names of those that do not (all of them stand in `parts` when asked for)."""

    parts: tuple[ShownPart, ...]
    same: tuple[str, ...]
    is_restorable: bool


def _shown(comparison: Comparison, extent: Extent) -> ShownComparison:
    parts = comparison.parts if extent is Extent.EVERYTHING else comparison.changed
    return ShownComparison(
        tuple(ShownPart(part.name, part.kept, _stretches(part, extent)) for part in parts),
        () if extent is Extent.EVERYTHING else tuple(part.name for part in comparison.parts if not part.is_changed),
        comparison.is_restorable,
    )


def images_of(bodies: Iterable[str]) -> list[Content]:
    """The pictures that rich texts show, as a content holds them; one query, or none."""
    numbers = {number for body in bodies for number in markup.figure_numbers(body)[0]}
    found = Image.objects.in_bulk(numbers) if numbers else {}
    return [sealing.image_json(image, "") for image in found.values()]


def body_stretches(before: str | None, text: str, images: Sequence[Content]) -> tuple[Stretch, ...]:
    """A rich text beside the one it was begun with, as a comparison of versions shows it; all of it where that is None.

    `images`: see `images_of`.
    """
    old, new = ({"body": body, "body_images": images} for body in (text if before is None else before, text))
    return _stretches(versions.body_part(old, new), Extent.EVERYTHING if before is None else Extent.CHANGES)


def _stretches(part: Part, extent: Extent) -> tuple[Stretch, ...]:
    """The part's lines, long runs of unchanged ones folded but for those beside a change."""
    shown = [_with_pictures(line) for line in part.lines]
    if extent is Extent.EVERYTHING:
        return (Stretch(tuple(shown)),)
    near = [
        any(other.is_changed for other in part.lines[max(place - KEPT, 0) : place + KEPT + 1])
        for place in range(len(shown))
    ]
    runs = groupby(zip(shown, near, strict=True), key=lambda pair: pair[1])
    return tuple(Stretch(tuple(line for line, _ in run), is_folded=not is_near) for is_near, run in runs)


def _with_pictures(line: Line) -> Shown:
    return Shown(
        line,
        tuple(_thumbnail(image) for image in line.left_pictures),
        tuple(_thumbnail(image) for image in line.right_pictures),
    )


def _thumbnail(image: Content) -> Thumbnail:
    width, height = image["renditions"][0]
    return Thumbnail(
        rendition_address(image["key"], width),
        width,
        height,
        image.get("alt") or f"Ảnh số {image['id']}, chưa có mô tả",
    )
