"""Writing with nothing lost: what is typed is kept and given back, who writes where is told, two texts become one.

The scripts of the form speak with these addresses in JSON; all that they do, pages without scripts do too, but for
keeping what was not sent yet.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.datastructures import MultiValueDict
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.models import User
from news import workflow
from news.admin.desk import may, staff
from news.admin.history import Stretch, body_stretches, images_of
from news.forms import comparing
from news.forms.article import ArticleDesk
from news.forms.comparing import Difference, Opened
from news.models import Article, Delegation, Draft
from news.queries import desk as queries
from news.queries import drafts as drafts_of
from news.queries.desk import Happening, Story
from news.queries.drafts import Holder
from news.services import attending, drafting, locking
from news.services.locking import Window
from news.workflow import NotAllowed

LARGEST_BODY: Final = 5_000_000
"""Bytes of a request that keeps a draft; a state of `drafting.LARGEST` characters fits."""

NO_LOG_IN: Final = "Phiên đăng nhập đã hết."


class Unclear(Exception):
    """The request is none that our page makes."""


def new_key() -> str:
    """A key for a window that is opened now."""
    return get_random_string(22)


def clock(moment: datetime) -> str:
    """ "10:15", with the day where it is not that of now."""
    local = timezone.localtime(moment)
    return (
        f"{local:%H:%M}"
        if local.date() == timezone.localdate()
        else f"{local:%H:%M} {local.day}/{local.month}/{local.year}"
    )


def told(happening: Happening, user: User) -> str:
    """Who did what and when, for that user: "Lê A đã lưu bài lúc 10:15 (lần lưu 6)", "Lê B đã xuất bản lúc 10:20"."""
    if not happening.number or happening.at is None:
        return ""
    who = "Bạn" if happening.who_id == user.pk else happening.who or "Người khác"
    return f"{who} đã {happening.what.lower()} lúc {clock(happening.at)}"


def told_save(happening: Happening, user: User) -> str:
    """The same of a save, with its number."""
    said = told(happening, user)
    return f"{said} (lần lưu {happening.number})" if said else ""


@dataclass(frozen=True, slots=True)
class Guard:
    """What the form's page says and carries so that nothing is lost."""

    window: str
    opened: str
    writer: int
    sequence: int
    article_id: int | None
    base_version: int
    opened_on: Opened
    last_save: int
    is_unsaved: bool
    restored: Draft | None
    drafts: list[Draft]
    others: list[Draft]
    holder: Holder | None

    @property
    def held_by_other(self) -> bool:
        """Whether somebody else has the article open."""
        return self.holder is not None and self.holder.user_id != self.writer

    @property
    def settings(self) -> str:
        """What the scripts need to know."""
        return json.dumps(
            {
                "user": self.writer,
                "article": self.article_id,
                "window": self.window,
                "version": self.base_version,
                "save": self.opened_on.revision,
                "step": self.opened_on.step,
                "sequence": self.sequence,
                "unsaved": self.is_unsaved,
                "kept": {draft.key: draft.sequence for draft in self.drafts},
                "keep": reverse("admin:news_article_keep"),
                "beat": reverse("admin:news_article_beat"),
                "leave": reverse("admin:news_article_leave"),
                "open": reverse("admin:news_article_change", args=[self.article_id])
                if self.article_id
                else reverse("admin:news_article_add"),
                "takeOver": reverse("admin:news_article_take_over", args=[self.article_id]) if self.article_id else "",
            }
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two texts of one article: what differs, and the version that will be replaced."""

    rows: list[Difference]
    newest: Article
    mine: ArticleDesk
    theirs: ArticleDesk
    opened: Opened | None
    saved: Opened
    saves: list[Happening]
    step: Happening
    user: User

    @property
    def heading(self) -> str:
        """Who wrote what stands against what: somebody else, oneself in another window, or nobody."""
        if not self.saves:
            return "Bài đã đổi từ khi bạn mở"
        others = {save.who_id for save in self.saves} - {self.user.pk}
        return "Hai người cùng sửa bài này" if others else "Bạn đang mở bài này ở hai cửa sổ"

    @property
    def told(self) -> str:
        """What has happened since the page was opened."""
        said = [told_save(save, self.user) for save in self.saves[:1]] + [told(self.step, self.user)]
        return "; ".join(part for part in said if part)

    @property
    def seen(self) -> str:
        """What tells whether the saved article is still as it is shown."""
        return f"{self.newest.version}-{self.saved.digest}"

    @property
    def asked(self) -> list[Difference]:
        """Where somebody has to choose."""
        return [row for row in self.rows if row.is_asked]

    @property
    def taken(self) -> list[Difference]:
        """What only one of the two changed: it is taken as it is."""
        return [row for row in self.rows if not row.is_asked]

    @property
    def has_editor(self) -> bool:
        """Whether rich text is to be put in order."""
        return any(row.kind == "html" and row.merged for row in self.asked)

    @property
    def has_mine(self) -> bool:
        """Whether I changed anything."""
        return any(row.side != "theirs" for row in self.rows)


def whole_number(text: Any, most: int = 2**31 - 1) -> int:
    """A number from a request; 0 for anything else."""
    if isinstance(text, bool) or not isinstance(text, str | int):
        return 0
    text = str(text)
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def article_number(said: Any) -> int | None:
    """The article that a script names, None for a new one. Raises `Unclear` for what is neither."""
    number = whole_number(said, 2**62)
    if said is not None and not number:
        raise Unclear
    return number or None


def form_of(pairs: list[tuple[str, str]]) -> MultiValueDict[str, str]:
    """A kept state as a form takes it."""
    data: MultiValueDict[str, str] = MultiValueDict()
    for name, value in pairs:
        data.appendlist(name, value)
    return data


@dataclass(frozen=True, slots=True)
class View:
    """One side's rich text beside what it was begun with (`has_base`), or alone, as the history shows it."""

    is_mine: bool
    has_base: bool
    stretches: tuple[Stretch, ...]


def seen_as_text(rows: list[Difference]) -> list[Difference]:
    """The differences, those of rich text with a view of each side that changed it; one query for their pictures."""
    rich = [row for row in rows if row.kind == "html"]
    images = images_of(text for row in rich for text in (row.before, *_texts(row).values()) if text)

    def views(row: Difference) -> tuple[View, ...]:
        sides = _texts(row) if row.is_asked else {row.side: _texts(row)[row.side]}
        has_base = row.before is not None
        return tuple(
            View(side == "mine", has_base, body_stretches(row.before, text, images)) for side, text in sides.items()
        )

    return [replace(row, views=views(row)) if row.kind == "html" else row for row in rows]


def _texts(row: Difference) -> dict[str, str]:
    return {"mine": row.mine.value if row.mine else "", "theirs": row.theirs.value if row.theirs else ""}


def calm(desk: ArticleDesk) -> ArticleDesk:
    """The form with what was typed in it and not a word about what is still wrong with it."""
    for part in (desk.form, *desk.rows, *(part for block in desk.delegations.all for part in (block.form, block.rows))):
        part.calm()
    return desk


class WritingPages:
    """The part of the article's pages that keeps what is typed; mixed into its admin."""

    def get_urls(self) -> list[URLPattern]:
        """Where the scripts keep and ask, and the pages of drafts."""
        wrap = self.admin_site.admin_view
        return [
            path("giu/", self._json(self.keep_view), name="news_article_keep"),
            path("nhip/", self._json(self.beat_view), name="news_article_beat"),
            path("roi/", self._json(self.leave_view), name="news_article_leave"),
            path("ban-go/", wrap(self.drafts_view), name="news_article_drafts"),
            path("ban-go/<int:pk>/", wrap(self.draft_view), name="news_article_draft"),
            path("ban-go/<int:pk>/bo/", wrap(self.discard_view), name="news_article_discard"),
            path("<int:article_id>/nhan-sua/", wrap(self.take_over_view), name="news_article_take_over"),
            *super().get_urls(),  # type: ignore[misc]  # mixed into ModelAdmin
        ]

    # --- What scripts ask ----------------------------------------------------------------------------

    def _json(self, view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponseBase]:
        """A door for scripts: 401 for who is not logged in, and every refusal in words."""

        @never_cache
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            if not self.admin_site.has_permission(request):
                return JsonResponse({"message": NO_LOG_IN}, status=401)
            try:
                return view(request)
            except Unclear:
                return JsonResponse({"message": "Yêu cầu không đúng mẫu."}, status=400)
            except drafting.TooManyFields as error:
                return JsonResponse({"message": str(error), "unsendable": True}, status=413)
            except (drafting.TooLarge, drafting.TooMany) as error:
                return JsonResponse({"message": str(error)}, status=413)
            except drafting.Stale as error:
                return JsonResponse({"message": str(error), "sequence": error.sequence}, status=409)
            except NotAllowed as error:
                return JsonResponse({"message": str(error)}, status=403)

        return answer

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Keep a window's form. Takes {article, window, writer, version, sequence, state: [[name, value] …]}."""
        at, user, asked = timezone.now(), staff(request), asked_of(request)
        state = drafting.as_pairs(asked.get("state"))
        sequence = whole_number(asked.get("sequence"), 2**62)
        if not state or not sequence:
            raise Unclear
        article_id = article_number(asked.get("article"))
        if whole_number(asked.get("writer"), 2**62) != user.pk:
            told = f"Bạn đang đăng nhập bằng tài khoản {user.get_full_name()}; bản này do tài khoản khác gõ."
            return JsonResponse({"message": told, "other": True}, status=403)
        drafting.keep(
            owner=user,
            key=str(asked.get("window") or ""),
            article_id=article_id,
            state=state,
            base_version=whole_number(asked.get("version")),
            sequence=sequence,
            at=at,
        )
        return JsonResponse({"sequence": sequence, "at": clock(at)})

    def beat_view(self, request: HttpRequest) -> HttpResponse:
        """Say who is logged in, with a fresh token (GET); besides (POST), that a window is open, and hear of others."""
        at, user = timezone.now(), staff(request)
        answer: dict[str, Any] = {"user": user.pk, "name": user.get_full_name(), "token": get_token(request)}
        if request.method != "POST":
            return JsonResponse(answer)
        asked = asked_of(request)
        article_id = whole_number(asked.get("article"), 2**62)
        if not article_id or whole_number(asked.get("writer"), 2**62) != user.pk:
            return JsonResponse(answer)
        if not Article.objects.filter(workflow.visible_articles(user), pk=article_id).exists():
            raise NotAllowed("Không có bài này, hoặc bạn không được mở.")
        saved, step = queries.last_save(article_id), queries.last_step(article_id)
        answer["saved"] = {"number": saved.number, "told": told_save(saved, user)}
        answer["step"] = {"number": step.number, "told": told(step, user)}
        window = self._window(request, str(asked.get("window") or "")[:32], str(asked.get("before") or "")[:32])
        try:
            holder = locking.claim(article_id=article_id, window=window, at=at)
        except NotAllowed as error:
            return JsonResponse({**answer, "refusal": str(error), "lock": None})
        answer["lock"] = holder and {
            "mine": holder.user_id == user.pk and holder.window == window.key,
            "own": holder.user_id == user.pk,
            "name": holder.name,
            "since": clock(holder.since),
            "beat": clock(holder.beat_at),
        }
        return JsonResponse(answer)

    def leave_view(self, request: HttpRequest) -> HttpResponse:
        """A window was closed. Takes {article, window}."""
        asked = asked_of(request)
        article_id = whole_number(asked.get("article"), 2**62)
        if article_id:
            window = str(asked.get("window") or "")[:32]
            locking.release(article_id=article_id, user=staff(request), window=window)
        return JsonResponse({})

    def _window(self, request: HttpRequest, key: str, before: str = "") -> Window:
        return Window(staff(request), request.session.session_key or "", key, before)

    # --- Drafts --------------------------------------------------------------------------------------

    def _writer(self, request: HttpRequest) -> User:
        user = staff(request)
        if not (may(user, workflow.WRITE) or may(user, workflow.EDIT)):
            raise PermissionDenied
        return user

    def drafts_view(self, request: HttpRequest) -> HttpResponse:
        """What I was typing and have not saved."""
        user = self._writer(request)
        context = {"title": "Bản đang gõ dở", "drafts": drafts_of.all_drafts(user)}
        return self._plain(request, "admin/news/article/drafts.html", context)

    def _plain(
        self, request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, everything, status=status)

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A draft beside what is saved; mine, or another's of an article that I may edit. Raises `Http404`."""
        at, user = timezone.now(), self._writer(request)
        draft = drafts_of.readable_draft(user, pk, at)
        if draft is None:
            raise Http404
        article = self.article_or_404(request, draft.article_id) if draft.article_id else Article()
        saved = self.article_or_404(request, draft.article_id) if draft.article_id else Article()
        data = form_of(drafting.read_state(draft.state))
        mine, theirs = ArticleDesk(article, user=user, data=data), ArticleDesk(saved, user=user)
        opened = Opened.read(data.get("opened", ""))
        base = comparing.base_of(draft.article_id, opened)
        context = {
            "title": "Bản đang gõ",
            "draft": draft,
            "article": saved,
            "is_own": draft.owner_id == user.pk,
            "rows": seen_as_text(comparing.differences(mine, theirs, opened, base)),
            "from_save": opened.revision if opened else 0,
            "last_save": queries.last_save(saved.pk).number if saved.pk else 0,
        }
        return self._plain(request, "admin/news/article/draft.html", context)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then forget one of my drafts. Raises `Http404` for anybody else's."""
        user = self._writer(request)
        draft = Draft.objects.filter(owner=user, pk=pk).select_related("article").first()
        if draft is None:
            raise Http404
        if request.method == "POST":
            drafting.discard(owner=user, keys=[draft.key])
            self.message_user(request, "Đã bỏ bản đang gõ.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:news_article_drafts"))
        return self._plain(request, "admin/news/article/discard.html", {"title": "Bỏ bản đang gõ?", "draft": draft})

    # --- The lock ------------------------------------------------------------------------------------

    def take_over_view(self, request: HttpRequest, article_id: int) -> HttpResponse:
        """Ask, then go on writing in place of whoever has the article open; it is written down."""
        at = timezone.now()
        article = self.article_or_404(request, article_id)
        holder = drafts_of.holder_of(article_id, at)
        if request.method == "POST":
            key = request.POST.get("cua-so", "")[:32] or new_key()
            try:
                locking.take_over(
                    article_id=article_id,
                    window=self._window(request, key),
                    at=at,
                    reason=request.POST.get("reason", "")[:1000],
                )
            except NotAllowed as error:
                self.refuse(request, str(error))
                return HttpResponseRedirect(self.address_of(article))
            self.message_user(request, "Bạn đang sửa bài này. Bản của người trước được giữ nguyên.", messages.SUCCESS)
            has_draft = Draft.objects.filter(owner=staff(request), key=key, article_id=article_id).exists()
            query = urlencode({"nhap" if has_draft else "cua-so": key})
            return HttpResponseRedirect(f"{self.address_of(article)}?{query}")
        refusal = workflow.edit_refusal(article, staff(request), at)
        if refusal:
            self.refuse(request, refusal)
            return HttpResponseRedirect(self.address_of(article))
        context = {
            "title": "Nhận sửa thay?",
            "article": article,
            "holder": holder,
            "is_other": holder is not None and holder.user_id != staff(request).pk,
            "window": request.GET.get("cua-so", "")[:32],
        }
        return self._plain(request, "admin/news/article/take_over.html", context)

    # --- For the form --------------------------------------------------------------------------------

    def guard(
        self, request: HttpRequest, desk: ArticleDesk, at: datetime, *, story: Story | None, restored: Draft | None
    ) -> Guard:
        """What the form's page carries: two queries for a saved article, one for a new one.

        Others' drafts are told of, for who gets the form may edit the article.
        """
        user, pk = staff(request), desk.article.pk
        sent = request.POST if request.method == "POST" else None
        found = drafts_of.drafts_in(pk) if pk else drafts_of.own_drafts(user)
        own = [draft for draft in found if draft.owner_id == user.pk]
        holder = drafts_of.holder_of(pk, at) if pk else None
        if restored is not None:
            window = restored.key
        elif sent is not None:
            window = sent.get("window", "")[:32] or new_key()
        else:
            asked = request.GET.get("cua-so", "")
            mine = holder is not None and holder.user_id == user.pk and holder.window == asked
            window = asked if mine else new_key()
        there = next((draft for draft in own if draft.key == window), None)
        numbers = (story.save_number, story.step_number) if story else (0, 0)
        opened = self._opened(desk, *numbers)
        return Guard(
            window=window,
            opened=str(opened) if opened else "",
            writer=user.pk,
            sequence=there.sequence if there else 0,
            article_id=pk,
            base_version=whole_number(desk.form["version"].value()),
            opened_on=opened or Opened(numbers[0], step=numbers[1]),
            last_save=numbers[0],
            is_unsaved=sent is not None,
            restored=restored,
            drafts=[draft for draft in own if draft.key != window],
            others=drafts_of.of_others(found, user, at),
            holder=None if holder and holder.user_id == user.pk and holder.window == window else holder,
        )

    def _opened(self, desk: ArticleDesk, save: int, step: int) -> Opened | None:
        data = desk.form.data if desk.form.is_bound else None
        return Opened.of(desk, save, step) if data is None else Opened.read(str(data.get("opened", "")))

    def other_writer(self, request: HttpRequest) -> str:
        """Why a form that another account opened is not saved at once; "" where it is one's own."""
        writer = request.POST.get("writer", "")
        user = staff(request)
        if not writer or writer == str(user.pk):
            return ""
        return (
            f"Trang này do một tài khoản khác mở, nay bạn đăng nhập bằng tài khoản {user.get_full_name()}. "
            "Nếu đúng là bạn muốn lưu bằng tài khoản này, hãy bấm Lưu lần nữa."
        )

    def draft_asked(self, request: HttpRequest, article: Article) -> Draft | None:
        """The draft that `?nhap=` names, if it is mine and of this article; says so where there is none."""
        key = request.GET.get("nhap", "")
        if not key or request.method == "POST":
            return None
        draft = Draft.objects.filter(owner=staff(request), key=key[:32], article_id=article.pk).first()
        if draft is None:
            self.message_user(request, "Bản đang gõ đó không còn: đã lưu hoặc đã bỏ.", messages.WARNING)
        return draft

    def keep_refused(self, request: HttpRequest, desk: ArticleDesk, at: datetime) -> None:
        """Keep what a save that was refused had brought, as the form takes it next time."""
        data: Any = desk.form.data
        state = [(name, value) for name, values in data.lists() for value in values]
        drafting.keep_refused(
            owner=staff(request),
            key=request.POST.get("window", ""),
            article_id=desk.article.pk,
            state=[pair for pair in state if pair[0] not in comparing.CONTROLS - comparing.CARRIED],
            base_version=whole_number(data.get("version", "")),
            at=at,
        )

    def compared(self, request: HttpRequest, desk: ArticleDesk) -> Conflict:
        """The form that was sent beside the saved article."""
        data = desk.form.data
        saved = self.article_or_404(request, desk.article.pk)
        theirs = ArticleDesk(saved, user=staff(request))
        opened = Opened.read(data.get("opened", ""))
        rows = seen_as_text(comparing.differences(desk, theirs, opened, comparing.base_of(saved.pk, opened)))
        saves = queries.saves_since(saved.pk, opened.revision if opened else 0)
        last, step = queries.last_save(saved.pk), queries.last_step(saved.pk)
        return Conflict(
            rows=rows,
            newest=saved,
            mine=desk,
            theirs=theirs,
            opened=opened,
            saved=Opened.of(theirs, last.number, step.number),
            saves=saves if opened else saves[:1],
            step=step if opened and step.number > opened.step else Happening(),
            user=staff(request),
        )

    def is_outdated(self, request: HttpRequest, desk: ArticleDesk) -> bool:
        """Whether somebody saved the article, or a delegation changed in the form, since the form was opened."""
        version = str(desk.form.data.get("version", ""))
        if version.isdecimal() and whole_number(version) != desk.article.version:
            return True
        changed = [
            (block.delegation.pk, block.seen)
            for block in desk.delegations.existing
            if block.delegation and block.seen and block.has_changed and not block.leaves
        ]
        fresh = Delegation.objects.in_bulk([pk for pk, _ in changed])
        return any(
            pk in fresh and attending.fingerprint(fresh[pk], fresh[pk].attendees.all()) != seen for pk, seen in changed
        )

    def conflict_page(self, request: HttpRequest, found: Conflict, *, message: str = "") -> HttpResponse:
        """Both texts side by side, and a choice for each field that both changed."""
        data: Any = found.mine.form.data
        context = {
            "title": found.newest.title,
            "conflict": found,
            "pairs": [
                *comparing.content_pairs(data),
                *((name, value) for name in comparing.CARRIED for value in data.getlist(name)),
            ],
            "message": message,
        }
        return self._page(request, "admin/news/article/conflict.html", context, found.newest, status=409)

    def agreed(self, request: HttpRequest, found: Conflict) -> tuple[MultiValueDict[str, str] | None, Conflict, str]:
        """The form that comes of the choices of a conflict's page, or None with what to ask again and why."""
        rows = comparing.answered(found.rows, request.POST)
        found = replace(found, rows=rows)
        if request.POST.get("newest", "") != found.seen:
            return None, found, "Trong lúc bạn chọn, bài lại có thay đổi. Hãy xem lại lần nữa."
        left = [row.label for row in rows if row.is_asked and not row.choice]
        if left:
            return None, found, f"Hãy chọn cho: {', '.join(left)}."
        data = comparing.settled(found.mine, found.theirs, found.opened, rows, request.POST)
        data.setlist("version", [str(found.newest.version)])
        data.setlist("opened", [str(found.saved)])
        for name in ("window", "writer"):
            data.setlist(name, request.POST.getlist(name))
        return data, found, ""


def asked_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a POST. Raises `Unclear`, `drafting.TooLarge`."""
    if request.method != "POST" or request.content_type != "application/json":
        raise Unclear
    if whole_number(request.META.get("CONTENT_LENGTH") or "0") > LARGEST_BODY:
        raise drafting.TooLarge
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unclear from None
    if not isinstance(found, dict):
        raise Unclear
    return found
