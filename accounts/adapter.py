"""How accounts (django-allauth) behave here. What needs the newsroom (mail, keys) is added in `news.views.account`."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import known_devices, log_ins, proving, second_factor
from accounts.devices import described
from accounts.models import User
from accounts.names import clean_readers_name
from accounts.whole import unless_taken

NOWHERE = "0.0.0.0"  # noqa: S104 - no address at all: what the list of log-ins keeps in place of the visitor's

NOT_IN = (
    "Tên đăng nhập, địa chỉ thư hoặc mật khẩu không đúng. Nếu vừa đăng ký, trước hết hãy mở liên kết trong thư xác nhận"
    " mà chúng tôi gửi tới địa chỉ của bạn."
)
"""Also to whoever gives the right password of an account whose address is not verified: see `proving`."""

REMIND_WITHIN = 30
"""Days before the desk closes from which each log-in says so."""


def keep_only_the_device(request: HttpRequest) -> None:
    """Of the log-in just written down, leave the kind of device: no network address, nothing the browser says else."""
    UserSession.objects.filter(session_key=request.session.session_key).update(
        ip=NOWHERE, user_agent=described(request.META.get("HTTP_USER_AGENT", ""))
    )


def end_other_sessions(request: HttpRequest) -> None:
    """Log the user out everywhere but here."""
    log_ins.end(int(request.user.pk or 0), but=request.session.session_key or "")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Registration, log-in and what belongs to an account."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """As REGISTRATION_OPEN says."""
        return bool(settings.REGISTRATION_OPEN)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that `TrustedProxyMiddleware` believes; never a header of the visitor's."""
        return str(request.META["REMOTE_ADDR"])

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """The device in words: a browser may say anything of itself."""
        return described(request.META.get("HTTP_USER_AGENT", ""))

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(("email_password_mismatch", "username_password_mismatch"), NOT_IN),
    }

    # --- Log-in ----------------------------------------------------------------------------------

    def get_login_stages(self) -> list[str]:
        """allauth's own; the mail is verified by readers only, the newsroom's people are known to the administrator."""
        verify = "allauth.account.stages.EmailVerificationStage"
        stages: list[str] = super().get_login_stages()
        return ["accounts.stages.EmailVerificationStage" if stage == verify else stage for stage in stages]

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The user, or None; an address is tried once, not as a user name and again as an address.

        Twice would hash the password twice where there is an account, and so tell by the time that there is one.
        """
        if credentials.get("email") and credentials["email"] == credentials.get("username"):
            del credentials["email"]
        user = super().authenticate(request, **credentials)
        if user is None:
            proving.ask_again(request)
        return user

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Tries are counted by the name they give, known or not, so that no count tells which address is whose.

        On a device that the account was logged in on before, by that device: others' tries do not lock its owner out.
        """
        login = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
        known = known_devices.of(request)
        if known:
            named = User.objects.filter(**{"email" if "@" in login else "username": login}, pk__in=known)
            if (number := named.values_list("pk", flat=True).first()) is not None:
                return f"device:{known[number]}"
        return f"login:{login}"

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """After a password was set by a mailed link: tries by the user name are forgotten too."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        for name in User.objects.filter(email=credentials.get("email")).values_list("username", flat=True):
            super()._delete_login_attempts_cached_email(request, username=name)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Note the device and nothing more, and have it know the account again.

        A colleague is told how long the desk stays open without a second factor.
        """
        response: HttpResponse = super().post_login(request, user, **kwargs)
        keep_only_the_device(request)
        known_devices.remember(request, response, user.pk)
        now = timezone.now()
        if user.is_staff and user.staff_since is None:
            user.staff_since = now
            User.objects.filter(pk=user.pk, staff_since=None).update(staff_since=now)
        if second_factor.standing(request, now) is second_factor.Standing.GRACE:
            left = (second_factor.grace_ends(user) - now).days
            if left <= REMIND_WITHIN:
                begins = f"Còn {left} ngày nữa," if left else "Từ ngày mai,"
                messages.warning(
                    request, f"{begins} bàn làm việc chỉ mở cho tài khoản đã bật xác thực hai lớp. Hãy bật sớm."
                )
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the desk for whoever has one, to one's own page for everybody else."""
        if getattr(request.user, "is_staff", False):
            return reverse("admin:index")
        return f"{reverse('account_login').rsplit('/', 2)[0]}/"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """As after any log-in."""
        return self.get_login_redirect_url(request)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether to send somebody there: on this very host only."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a second factor shows that one; the password alone is not enough to change how one logs in."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        stronger = [method for method in methods if method["id"] != "reauthenticate"]
        if len(stronger) > 1 and not Authenticator.objects.filter(user_id=user.pk, type="totp").exists():
            stronger.reverse()  # a passkey, and codes for when it is not at hand
        return stronger or methods

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the form, which says that it is done."""
        return reverse("account_change_password")

    # --- Making an account -------------------------------------------------------------------------

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Readers log in by their address; the user name says nothing of it, since it may be seen."""
        if not user.username:
            user.username = f"bd-{secrets.token_hex(6)}"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - as allauth has it
        """A reader: the name, the address, the password, and nothing else that a form may bring."""
        data = form.cleaned_data
        user.full_name = self.clean_full_name(data["full_name"])
        user.email = str(data["email"]).lower()
        user.is_staff = user.is_superuser = False
        user.password = getattr(form, "hashed", "") or user.password
        if not user.password:
            user.set_unusable_password()
        self.populate_username(request, user)
        if commit:
            user.save()
        return user

    def clean_full_name(self, name: str) -> str:
        """See `names.clean_readers_name`."""
        return clean_readers_name(name)

    def clean_email(self, email: str) -> str:
        """The address in lower case; mail headers are not smuggled in."""
        if "=?" in email or "[" in email:
            raise ValidationError("Hãy ghi một địa chỉ thư điện tử đúng.")
        return email.lower()

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Who is logged in goes to where the address stands, which says what became of it."""
        if context.request.user.is_authenticated:
            return reverse("account_email")
        return str(super().get_email_verification_redirect_url(email_address))

    def can_delete_email(self, email_address: Any) -> bool:
        """Not the one that the account has: it is changed, never merely lost."""
        return bool(email_address.email != email_address.user.email and super().can_delete_email(email_address))

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Make the address the account's; refused kindly where another account has it, or takes it at this moment.

        Whoever asks holds the mailbox, so this tells nobody anything about somebody else's address.
        """
        others = proving.users_of(email_address.email) - {email_address.user_id}
        if not others:
            done = unless_taken(lambda: bool(super(AccountAdapter, self).confirm_email(request, email_address)))
            if done is not None:
                return done
        email_address.verified = False
        self.add_message(
            request,
            messages.ERROR,
            "account/messages/email_confirmation_failed.txt",
            {"email": email_address.email},
        )
        return False

    def get_user_search_fields(self) -> list[str]:
        """The columns by which staff look a user up."""
        return ["username", "full_name", "email"]


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """The second factor."""

    def get_totp_label(self, user: User) -> str:
        """What the authenticator app calls the account: the user name, which the newsroom's people know; no address."""
        return user.username if user.is_staff else user.get_full_name()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The newsroom's people keep one: another must be there before the last goes."""
        if not authenticator.user.is_staff or authenticator.type == "recovery_codes":
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=("totp", "webauthn"))
        return bool(others.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002 - allauth's name
        """What a new passkey is called until somebody says otherwise."""
        request = context.request
        return described(request.META.get("HTTP_USER_AGENT", "")) if request else "Khóa truy cập"


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Log-in through other sites, where SOCIAL_PROVIDERS names any."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Of what the other site tells, keep what the list of links shows: an address or a name."""
        told = sociallogin.account.extra_data or {}
        sociallogin.account.extra_data = {key: str(told[key])[:120] for key in ("email", "name") if told.get(key)}

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        """What stands in the form before the reader mends it; nothing else comes from there."""
        user: User = sociallogin.user
        user.email = str(data.get("email") or "").lower() or None
        name = data.get("name") or " ".join(filter(None, (data.get("last_name"), data.get("first_name"))))
        user.full_name = str(name or "")[:60]
        return user

    def get_signup_form_initial_data(self, sociallogin: Any) -> dict[str, str]:
        """The name and the address, to be mended."""
        return {"full_name": sociallogin.user.full_name, "email": sociallogin.user.email or ""}


def shows_messages(path: str) -> bool:
    """Whether the page there tells what was just done: the accounts' own and the desk's do, no public page does."""
    return path.startswith((f"{reverse('account_login').rsplit('/', 2)[0]}/", "/quan-tri/"))


def path_of_referer(request: HttpRequest) -> str:
    """The page of ours that the visitor comes from; "" for another site's, and for the accounts' own pages."""
    said = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure()):
        return ""
    found = urlsplit(said)
    own = reverse("account_login").rsplit("/", 2)[0]
    if found.path.startswith((own, "/quan-tri/")) or not found.path.startswith("/"):
        return ""
    return f"{found.path}?{found.query}" if found.query else found.path
