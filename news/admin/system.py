"""The system's pages: sections and who works in them, the masthead, users and roles."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from accounts import log_ins, roles
from accounts.confirming import asked_again
from accounts.forms import NewUserForm
from accounts.models import User
from accounts.second_factor import grace_ends, has_one
from news.admin.desk import DeskAdmin, staff
from news.admin.inlines import DeskInline, keep_rows
from news.forms.register import RegisterForm
from news.forms.second_factor import ResetForm
from news.forms.section_right import SectionRightForm
from news.forms.user import AccountForm, SetPasswordForm
from news.models import Masthead, Section, SectionRight
from news.queries import addresses, consents, picks
from news.services import closing, granting, registering, resetting, second_factors
from news.text.normalize import fold
from news.workflow import NotAllowed


class SystemAdmin(DeskAdmin):
    """A page that a technical administrator (superuser) may open as well: none of it is editorial power."""

    def has_right(self, request: HttpRequest, action: str) -> bool:
        """By role, or as a superuser."""
        user = request.user
        return bool(user.is_active and getattr(user, "is_superuser", False)) or super().has_right(request, action)


class SectionAdmin(SystemAdmin):
    """Sections of the site."""

    form = RegisterForm
    cursor = "order"
    list_per_page = 100
    list_display = ("name", "slug", "parent", "gates", "is_listed", "order")
    list_select_related = ("parent",)
    fields = ("name", "slug", "parent", "order", "gates", "is_listed", "description")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Section]:
        """With the parent."""
        return super().get_queryset(request).select_related("parent")

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any) -> Any:
        """The address may be left open; parents are sections of the first level."""
        made = super().get_form(request, obj, change, **kwargs)
        if "slug" in made.base_fields:
            made.base_fields["slug"].required = False
        if "parent" in made.base_fields:
            made.base_fields["parent"].queryset = Section.objects.filter(parent=None).order_by("order", "id")
        return made

    def save_model(self, request: HttpRequest, obj: Section, form: Any, change: Any) -> None:
        """Through the service."""
        registering.keep(obj)


class SectionRightAdmin(SystemAdmin):
    """Where somebody's role holds."""

    list_display = ("user", "where")
    list_display_links = ("user",)
    list_select_related = ("user", "section")
    fields = ("user", "section")
    picked = {"user": picks.COLLEAGUE}

    @admin.display(description="chuyên mục")
    def where(self, right: SectionRight) -> str:
        """Which section, or all."""
        return right.section.name if right.section else "mọi chuyên mục"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SectionRight]:
        """With both ends."""
        return super().get_queryset(request).select_related("user", "section")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A right is taken away by deleting it."""
        return self.has_right(request, "delete")

    def save_model(self, request: HttpRequest, obj: SectionRight, form: Any, change: Any) -> None:
        """Through the service."""
        registering.keep(obj)


class MastheadAdmin(SystemAdmin):
    """The newspaper itself: one row, so no list."""

    picked = {"logo": picks.IMAGE}
    fields = (
        "name", "motto", "supervising_body", "licence_number", ("licence_issued_on", "licence_issuer"),
        "editor_in_chief", "address", "phone", "email", "logo",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the first one; its own page asks whether there is one."""
        return self.has_right(request, "add")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Only the first one."""
        if Masthead.objects.exists():
            raise PermissionDenied
        return super().add_view(request, form_url, extra_context)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """For the desk's map: no link to add a second one, and no query on every page to know."""
        return {**super().get_model_perms(request), "add": False}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Straight to the row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        masthead = Masthead.objects.first()
        if masthead is not None:
            return HttpResponseRedirect(self.address_of(masthead))
        if self.has_add_permission(request):
            return HttpResponseRedirect(reverse("admin:news_masthead_add"))
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: Masthead, form: Any, change: Any) -> None:
        """Through the service."""
        registering.keep(obj)


class SectionRightInline(DeskInline):
    """Where the user's role holds."""

    model = SectionRight
    form = SectionRightForm
    fields = ("section",)
    verbose_name = "Chuyên mục"
    verbose_name_plural = "Chuyên mục được giao"

    def has_right(self, request: HttpRequest, action: str) -> bool:
        """By role, or as a superuser."""
        user = request.user
        return bool(user.is_active and getattr(user, "is_superuser", False)) or super().has_right(request, action)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A right is taken away by deleting it."""
        return self.has_right(request, "delete")


def roles_before_and_after(form: Any) -> tuple[set[str], set[str]]:
    """The names of the roles the user had, and of those that the valid form gives."""
    before = {group.name for group in form.initial.get("groups") or []}
    return before, {group.name for group in form.cleaned_data.get("groups") or []}


def roles_given(form: Any) -> list[str]:
    """The names of the roles that the valid form adds; to be a superuser is one in all but name."""
    before, after = roles_before_and_after(form)
    technical = "is_superuser" in form.changed_data and form.cleaned_data["is_superuser"]
    return [*sorted(after - before), *(["Quản trị kỹ thuật"] if technical else [])]


class UserAdmin(SystemAdmin):
    """Who logs in, with which roles, in which sections."""

    cursor = "username"
    form = AccountForm
    list_display = ("username", "full_name", "role_names", "second_factor", "active")
    search_help_text = "Tên đăng nhập, hoặc họ tên của người trong tòa soạn."
    inlines = (SectionRightInline,)

    def for_list(self, rows: QuerySet[User]) -> QuerySet[User]:
        """With the roles: one more query; with whether a second factor is set up and the consent was taken back."""
        found = consents.with_ended_at(super().for_list(rows))
        return User.objects.with_second_factor(found).prefetch_related("groups")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """See `search`."""
        return ("username",)

    def search(self, text: str) -> Any:
        """By user name, or by the name of a colleague."""
        colleagues = [choice.id for choice in picks.COLLEAGUE.find(text, timezone.localdate())]
        return Q(username__startswith=fold(text).strip()) | Q(pk__in=colleagues)

    @admin.display(description="vai trò")
    def role_names(self, user: User) -> str:
        """The roles."""
        names = sorted(group.name for group in user.groups.all())
        return ", ".join([*names, *(["quản trị kỹ thuật"] if user.is_superuser else [])])

    @admin.display(description="hai lớp")
    def second_factor(self, user: User) -> str:
        """Whether one is set up; for the newsroom's people until when the desk opens without."""
        if has_one(user):
            return "đã bật"
        if not user.is_staff:
            return "chưa bật"
        ends = grace_ends(user)
        return (
            f"chưa bật, hạn {addresses.clock(ends, timezone.now())}" if ends > timezone.now() else "chưa bật, quá hạn"
        )

    @admin.display(description="hoạt động", boolean=False)
    def active(self, user: User) -> str:
        """Whether they can log in; of an account that its owner closed, what comes."""
        ended_at = getattr(user, "ended_at", None)
        if ended_at is not None:
            return closing.what_comes(ended_at, timezone.now())
        return "đang hoạt động" if user.is_active else "đã khóa"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role; a superuser's account is for superusers."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:  # type: ignore[union-attr]  # staff
            return False
        return super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What may be set; nobody but a superuser makes one."""
        why = ("reason",) if obj else ()
        base = ("username", "full_name", "email", *why, "phone", "is_active", "is_staff", "groups")
        new = () if obj else ("password1", "password2")
        technical = ("is_superuser",) if request.user.is_superuser else ()  # type: ignore[union-attr]  # staff
        return (*base, *new, *technical)

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kwargs: Any) -> Any:
        """Another form for a new user: it asks for a password. The form of one that is there knows who changes it."""
        made = super().get_form(request, obj, change, **({} if obj else {"form": NewUserForm}) | kwargs)
        if obj:
            made.actor = staff(request)
        return made

    def get_inlines(self, request: HttpRequest, obj: Any) -> tuple[Any, ...]:
        """Sections, once there is somebody to give them to."""
        return self.inlines if obj else ()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Through the service."""
        keep_rows(formset)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Another address goes through the service, which tells those concerned; who is locked is logged out."""
        if change and form.is_address_changed:
            try:
                resetting.change_address(
                    user_id=obj.pk,
                    email=obj.email,
                    actor=staff(request),
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                    session_key=request.session.session_key or "",
                )
            except NotAllowed as refusal:
                raise PermissionDenied(str(refusal)) from refusal
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            log_ins.end(obj.pk)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Roles and sections; a role that was given is mailed to the editors-in-chief in the same transaction."""
        granted = roles_given(form)
        told = granting.chiefs() if granted else []
        super().save_related(request, form, formsets, change)
        if granted:
            granting.announce(user=form.instance, granted=granted, actor=staff(request), at=timezone.now(), told=told)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: Any = None) -> str:
        """Which roles and rights came and went; nothing of how to reach the person."""
        before, after = roles_before_and_after(form)
        said = [f"Giao vai trò {name}." for name in sorted(after - before)]
        said += [f"Thôi vai trò {name}." for name in sorted(before - after)]
        words = {"is_active": "hoạt động", "is_staff": "vào bàn làm việc", "is_superuser": "quản trị kỹ thuật"}
        said += [
            f"{'Bật' if form.cleaned_data[name] else 'Tắt'} “{word}”."
            for name, word in words.items()
            if name in form.changed_data and not (add and not form.cleaned_data[name])
        ]
        for formset in formsets or []:
            said += [f"Giao {right.section or 'mọi chuyên mục'}." for right in formset.new_objects]
            said += [
                f"Đổi chuyên mục thành {right.section or 'mọi chuyên mục'}." for right, _ in formset.changed_objects
            ]
            said += [f"Thôi giao {right.section or 'mọi chuyên mục'}." for right in formset.deleted_objects]
        if not said and not add and set(form.changed_data) <= {"email", "reason"} and form.is_address_changed:
            return ""  # the service has written it down
        return " ".join(said) or ("Tạo tài khoản." if add else "Sửa thông tin.")

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """On to the user's page, where sections are given."""
        self.message_user(request, "Đã tạo tài khoản. Giao chuyên mục ở dưới nếu cần.", messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(obj))

    # --- How they log in -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and those where a password is set and a second factor is taken away."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:user_id>/hai-lop/", wrap(self.second_factor_view), name="accounts_user_second_factor"),
            path("<int:user_id>/mat-khau/", wrap(self.password_view), name="accounts_user_password"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters())
    def password_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Set somebody's password, and say why."""
        user = User.objects.filter(pk=user_id).first()
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if user is None:
            raise Http404
        if (first := asked_again(request)) is not None:
            return first
        form = SetPasswordForm(user, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                resetting.set_password(
                    user_id=user.pk,
                    password=form.cleaned_data["new_password1"],
                    actor=staff(request),
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                    session_key=request.session.session_key or "",
                )
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                if user.pk == request.user.pk:
                    update_session_auth_hash(request, User.objects.get(pk=user.pk))
                self.message_user(
                    request, "Đã đặt mật khẩu mới. Người này và tổng biên tập được báo qua thư.", messages.SUCCESS
                )
                return HttpResponseRedirect(self.address_of(user))
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "title": f"Đặt mật khẩu: {user}",
            "opts": self.opts,
            "original": user,
            "form": form,
        }
        return TemplateResponse(request, "admin/accounts/user/password.html", context)

    def second_factor_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Take away the second factor somebody lost."""
        user = User.objects.filter(pk=user_id).first()
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if user is None:
            raise Http404
        if (first := asked_again(request)) is not None:
            return first
        form = ResetForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                second_factors.reset(
                    user=user, actor=staff(request), reason=form.cleaned_data["reason"], at=timezone.now()
                )
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"Đã đặt lại xác thực hai lớp của {user}.", messages.SUCCESS)
                return HttpResponseRedirect(self.address_of(user))
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]  # as the stock views do
        context = {
            **self.admin_site.each_context(request),
            "title": f"Đặt lại xác thực hai lớp: {user}",
            "opts": self.opts,
            "original": user,
            "form": form,
            "has_second_factor": has_one(user),
        }
        return TemplateResponse(request, "admin/accounts/user/second_factor.html", context)


class RoleAdmin(SystemAdmin):
    """The roles, as the table in `accounts.roles` says; nobody edits them here."""

    list_display = ("name", "rights")
    fields = ("name", "rights")
    readonly_fields = ("name", "rights")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The table says."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The table says."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Those of the table."""
        return super().get_queryset(request).filter(name__in=[role.name for role in roles.ROLES])

    def for_list(self, rows: QuerySet[Group]) -> QuerySet[Group]:
        """With their permissions: one more query for the page."""
        return rows.prefetch_related("permissions")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under the newsroom's word."""
        return super().changelist_view(request, {"title": "Vai trò", **(extra_context or {})})

    @admin.display(description="được làm gì")
    def rights(self, group: Group) -> str:
        """The editorial rights by name, the rest as a number."""
        names = [permission.name for permission in group.permissions.all()]
        said = [name for name in names if not name.startswith("Can ")]
        return "; ".join(said) or "xem và quản lý theo bảng vai trò"
