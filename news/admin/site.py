"""The admin site of the newsroom: Vietnamese, grouped by task, logged in through the accounts."""

from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import Group
from django.contrib.flatpages.models import FlatPage
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path, re_path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache

from accounts import second_factor
from accounts.models import User
from accounts.second_factor import Standing
from news.admin import calendar, comment, filing, personal_data, picking, records, register, standing, system
from news.admin.article import ArticleAdmin
from news.admin.components import components
from news.admin.delegation import DelegationAdmin
from news.admin.desk import DeskAdmin
from news.admin.feedback import FeedbackAdmin
from news.admin.front_place import FrontPlaceAdmin
from news.admin.image import ImageAdmin
from news.admin.mail_stop import MailStopAdmin
from news.admin.newsletter import NewsletterIssueAdmin, NewsletterPlanAdmin, SubscriberAdmin
from news.admin.outbox import OutboxAdmin
from news.admin.recording import RecordingAdmin
from news.admin.scheduled import ScheduledRunAdmin
from news.admin.template import ArticleTemplateAdmin
from news.models import (
    Article,
    ArticleTemplate,
    Author,
    CalendarDay,
    Comment,
    CommenterStanding,
    CommentSetting,
    CommentSwitch,
    ConsentText,
    DataRequest,
    Delegation,
    Edition,
    ErasureRecord,
    Feedback,
    FeedbackTerm,
    FrontPlace,
    Image,
    LedgerEntry,
    LegalHold,
    MailStop,
    Masthead,
    NewsletterIssue,
    NewsletterPlan,
    OldAddress,
    Organisation,
    Outbox,
    Person,
    Position,
    Recording,
    ReplyTemplate,
    Revision,
    ScheduledRun,
    Section,
    SectionRight,
    Subscriber,
    Tag,
    ViewCount,
    WordRule,
)
from news.queries.desk import desk_page
from news.web import given_back, gives_back

GROUPS: Final[tuple[tuple[str, tuple[tuple[str, type[Model], type[DeskAdmin]], ...]], ...]] = (
    (
        "Tòa soạn",
        (
            ("Bài viết", Article, ArticleAdmin),
            ("Trang nhất", FrontPlace, FrontPlaceAdmin),
            ("Kho ảnh", Image, ImageAdmin),
            ("Phim, âm thanh", Recording, RecordingAdmin),
            ("Từ khóa, dòng sự kiện", Tag, register.TagAdmin),
            ("Tác giả, bút danh", Author, register.AuthorAdmin),
            ("Mẫu bài", ArticleTemplate, ArticleTemplateAdmin),
            ("Trang tĩnh", FlatPage, standing.StandingPageAdmin),
            ("Ấn bản", Edition, records.EditionAdmin),
            ("Sổ xuất bản", LedgerEntry, records.LedgerEntryAdmin),
        ),
    ),
    (
        "Nhân sự và đoàn công tác",
        (
            ("Đoàn công tác", Delegation, DelegationAdmin),
            ("Nhân sự", Person, register.PersonAdmin),
            ("Cơ quan", Organisation, register.OrganisationAdmin),
            ("Chức vụ", Position, register.PositionAdmin),
        ),
    ),
    (
        "Bạn đọc",
        (
            ("Bình luận", Comment, comment.CommentAdmin),
            ("Từ cần xem", WordRule, comment.WordRuleAdmin),
            ("Quy định bình luận", CommentSetting, comment.CommentSettingAdmin),
            ("Bình luận theo bài", CommentSwitch, comment.CommentSwitchAdmin),
            ("Người bình luận", CommenterStanding, comment.CommenterStandingAdmin),
            ("Phản hồi", Feedback, FeedbackAdmin),
            ("Lời đáp mẫu", ReplyTemplate, calendar.ReplyTemplateAdmin),
            ("Thời hạn phản hồi", FeedbackTerm, calendar.FeedbackTermAdmin),
            ("Lịch làm việc", CalendarDay, calendar.CalendarDayAdmin),
            ("Bản tin", NewsletterIssue, NewsletterIssueAdmin),
            ("Người nhận bản tin", Subscriber, SubscriberAdmin),
            ("Giờ gửi bản tin", NewsletterPlan, NewsletterPlanAdmin),
            ("Thư đi", Outbox, OutboxAdmin),
            ("Địa chỉ không nhận thư", MailStop, MailStopAdmin),
            ("Lượt xem", ViewCount, records.ViewCountAdmin),
        ),
    ),
    (
        "Dữ liệu cá nhân",
        (
            ("Yêu cầu", DataRequest, personal_data.DataRequestAdmin),
            ("Lệnh giữ", LegalHold, personal_data.LegalHoldAdmin),
            ("Các lần xóa", ErasureRecord, personal_data.ErasureRecordAdmin),
            ("Lời xin đồng ý", ConsentText, personal_data.ConsentTextAdmin),
        ),
    ),
    (
        "Hệ thống",
        (
            ("Chuyên mục", Section, system.SectionAdmin),
            ("Quyền theo chuyên mục", SectionRight, system.SectionRightAdmin),
            ("Măng-sét", Masthead, system.MastheadAdmin),
            ("Người dùng", User, system.UserAdmin),
            ("Vai trò", Group, system.RoleAdmin),
            ("Địa chỉ cũ", OldAddress, records.OldAddressAdmin),
            ("Lịch chạy", ScheduledRun, ScheduledRunAdmin),
        ),
    ),
)
"""The desk's map: a heading, and below it what one works with: its name, its model, its page."""

UNLISTED: Final[tuple[tuple[type[Model], type[DeskAdmin]], ...]] = ((Revision, records.RevisionAdmin),)
"""Pages that are reached from others only."""

UNUSED_ADDRESSES: Final = {"autocomplete", "jsi18n", "view_on_site", "password_change_done"}
"""Addresses of the stock admin that nothing here asks for; they are not there."""


class NewsroomAdminSite(AdminSite):
    """Django admin as the newsroom's desk."""

    site_title = "Tòa soạn"
    site_header = "Tòa soạn"
    index_title = "Bàn làm việc"
    enable_nav_sidebar = True
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")
        for _, entries in GROUPS:
            for _, model, page in entries:
                super().register(model, page)
        for model, page in UNLISTED:
            super().register(model, page)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Nothing but the map: what third-party apps offer to the stock admin stays out."""

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - as the stock site has it
        """As the stock site; what was typed is given back after the log-in has ended, not swallowed by a redirect."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST" and not self.has_permission(request) and gives_back(request):
                return given_back(request)
            return guarded(request, *args, **kwargs)

        return answer

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the desk is open: to the newsroom's people, who have shown their second factor in this session.

        Every page of the desk asks this, however the session came about.
        """
        return super().has_permission(request) and second_factor.standing(request, timezone.now()).may_enter

    # --- Log-in --------------------------------------------------------------------------------------

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """On to the accounts' log-in; who is logged in shows the second factor, sets one up, or has no desk."""
        target = request.GET.get(REDIRECT_FIELD_NAME) or request.POST.get(REDIRECT_FIELD_NAME) or ""
        if not url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            target = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if not request.user.is_authenticated:
            way = reverse("account_login")
        elif (standing := second_factor.standing(request, timezone.now())) is Standing.MISSING:
            way = reverse("mfa_index")
        elif standing is Standing.UNPROVEN:
            way = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
        else:
            return render(request, "account/no_desk.html", status=403)
        return HttpResponseRedirect(f"{way}?{urlencode({REDIRECT_FIELD_NAME: target})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Through the accounts, which ask once more."""
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Through the accounts."""
        return HttpResponseRedirect(reverse("account_change_password"))

    # --- Pages ---------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The stock addresses that are used, and where forms look up what may be picked."""
        own: list[URLPattern | URLResolver] = [
            path("chon/hinh/", self.admin_view(picking.figures), name="news_figures"),
            path("chon/lien-ket/", self.admin_view(picking.links), name="news_links"),
            path("tep/", self.admin_view(filing.hold), name="hold"),
            re_path(
                r"^tep/(?P<key>[0-9a-f]{40})/(?P<name>[a-z0-9-]{1,110}\.[a-z0-9]{2,4})\Z",
                self.admin_view(filing.stored, cacheable=True),
                name="file",
            ),
            path("chon/<slug:kind>/", self.admin_view(picking.pick), name="pick"),
            path("bo-giao-dien/", self.admin_view(components), name="components"),
        ]
        return own + [url for url in super().get_urls() if getattr(url, "name", None) not in UNUSED_ADDRESSES]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The desk: what waits for me."""
        desk = desk_page(request.user, timezone.now())  # type: ignore[arg-type]  # staff, says admin_view
        return super().index(request, {"desk": desk, "subtitle": None, **(extra_context or {})})

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There are tasks here, no apps."""
        return HttpResponseRedirect(reverse("admin:index"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The groups of the map with what the user may open in them."""
        found = {entry["model"]: entry for app in self._build_app_dict(request).values() for entry in app["models"]}
        return [
            {
                "name": name,
                "app_label": f"nhom-{number}",
                "app_url": reverse("admin:index"),
                "models": [{**found[model], "name": title} for title, model, _ in entries if model in found],
            }
            for number, (name, entries) in enumerate(GROUPS)
            if any(model in found for _, model, _ in entries)
        ]
