"""allauth's views where they do more, or something else, here."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from accounts import second_factor
from accounts.adapter import end_other_sessions, keep_only_the_device, path_of_referer, shows_messages
from accounts.devices import described
from accounts.models import User

View = Callable[..., HttpResponseBase]


def evenly(view: View) -> View:
    """Answer a POST no sooner than ANSWER_SECONDS after it came: the time tells nobody who has an account."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        began = time.monotonic()
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            time.sleep(max(0.0, settings.ANSWER_SECONDS - (time.monotonic() - began)))
        return response

    return answer


class LoginView(account.LoginView):  # type: ignore[misc]  # allauth ships no types
    """Log in, and go on from where one was."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`next` is the page one comes from, where no link says another."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["is_registration_open"] = settings.REGISTRATION_OPEN
        if self.request.method == "GET" and not context["redirect_field"] and (came := path_of_referer(self.request)):
            context["redirect_field"] = format_html(
                '<input type="hidden" name="{}" value="{}">', REDIRECT_FIELD_NAME, came
            )
            context["signup_url"] = f"{reverse('account_signup')}?{urlencode({REDIRECT_FIELD_NAME: came})}"
        return context


class ConfirmEmailView(account.ConfirmEmailView):  # type: ignore[misc]  # allauth ships no types
    """Verify an address, say so on the very next page, and go on from where one was."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Public pages, the same for everyone, tell nobody anything: before one of them comes a page that does."""
        response: HttpResponse = super().post(*args, **kwargs)
        onward = response.headers.get("Location", "")
        if not onward or shows_messages(onward):
            return response
        query = urlencode({REDIRECT_FIELD_NAME: onward})
        return HttpResponseRedirect(f"{reverse('account_email_confirmed')}?{query}")


@require_safe
def account_email_confirmed(request: HttpRequest) -> HttpResponse:
    """What became of it, and the way on: only ever to a page of ours."""
    onward = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = get_account_adapter().is_safe_url(onward)
    return render(request, "account/email_confirmed.html", {"onward": onward if is_ours else reverse("home")})


class PasswordChangeView(account.PasswordChangeView):  # type: ignore[misc]
    """Change the password; every other session ends with it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Of the new session, too, only the device is kept."""
        response: HttpResponse = super().form_valid(form)
        end_other_sessions(self.request)
        keep_only_the_device(self.request)
        return response


class PasswordSetView(account.PasswordSetView):  # type: ignore[misc]
    """Set the first password of an account that came through another site."""

    def form_valid(self, form: Any) -> HttpResponse:
        """As above."""
        response: HttpResponse = super().form_valid(form)
        keep_only_the_device(self.request)
        return response


# --- The second factor -------------------------------------------------------------------------------


class SecondFactorView(mfa.IndexView):  # type: ignore[misc]
    """What is set up, and what is asked of whom."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How the session stands before the desk, and until when it is open without."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.request.user
        context["standing"] = second_factor.standing(self.request, timezone.now()).value
        context["grace_ends"] = second_factor.grace_ends(user)
        context["may_set_up"] = second_factor.may_set_up(self.request, timezone.now())
        return context


class LateView(TemplateView):
    """Once the time to set up a factor is over: a link to the account's address opens the way."""

    template_name = "mfa/late.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whose way is open needs no link."""
        if second_factor.may_set_up(request, timezone.now()):
            return HttpResponseRedirect(reverse("mfa_index"))
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Mail the link; it goes to nowhere but the address that the account has."""
        user = request.user
        if isinstance(user, User) and user.email:
            address = f"{settings.SITE_URL}{reverse('mfa_late_link', args=[second_factor.late_token(user)])}"
            get_account_adapter().send_mail("mfa/email/late", user.email, {"user": user, "late_url": address})
        return self.render_to_response(self.get_context_data(is_sent=True))


def late_link(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link, opened where one is logged in."""
    if second_factor.open_late(request, token, timezone.now()):
        messages.success(request, "Đã xác nhận hộp thư: trong một giờ tới bạn bật được xác thực hai lớp.")
        return HttpResponseRedirect(reverse("mfa_index"))
    messages.error(request, "Liên kết đã hết hạn hoặc không phải của tài khoản này. Hãy lấy liên kết mới.")
    return HttpResponseRedirect(reverse("mfa_late"))


def in_time(view: View) -> View:
    """A page that adds a factor, or changes the address its link goes to: only where the session may."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not second_factor.may_set_up(request, timezone.now()):
            return HttpResponseRedirect(reverse("mfa_late"))
        return view(request, *args, **kwargs)

    return answer


class ActivateTOTPView(totp.ActivateTOTPView):  # type: ignore[misc]
    """Set up an authenticator app."""

    def form_valid(self, form: Any) -> HttpResponse:
        """The code just typed is the factor shown; sessions that never showed one end."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="totp", set_up=True)
        end_other_sessions(self.request)
        return response


class AddPasskeyView(passkeys.AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey."""

    def form_valid(self, form: Any) -> HttpResponse:
        """As above."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="webauthn", set_up=True)
        end_other_sessions(self.request)
        return response


class RemovePasskeyView(passkeys.RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey, unless it is the last factor of somebody who needs one."""

    def form_valid(self, form: Any) -> HttpResponse:
        """allauth asks its adapter for authenticator apps only."""
        if not get_adapter().can_delete_authenticator(self.get_object()):
            messages.error(
                self.request,
                "Người của tòa soạn luôn cần một lớp xác thực thứ hai: hãy thêm cách khác trước khi bỏ cách này.",
            )
            return HttpResponseRedirect(reverse("mfa_list_webauthn"))
        response: HttpResponse = super().form_valid(form)
        return response


class DownloadCodesView(codes.DownloadRecoveryCodesView):  # type: ignore[misc]
    """The recovery codes as a file."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Under a Vietnamese name."""
        response: HttpResponse = super().render_to_response(context, **kwargs)
        response.headers["Content-Disposition"] = 'attachment; filename="ma-du-phong.txt"'
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response


# --- Log-ins ---------------------------------------------------------------------------------------------


class SessionsView(sessions.ListUserSessionsView):  # type: ignore[misc]
    """Where one is logged in; end one log-in, or all others."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The newest first, each with its device in words."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        current = self.request.session.session_key
        context["sessions"] = [
            {
                "pk": session.pk,
                "device": described(session.user_agent),
                "began_at": session.created_at,
                "is_current": session.session_key == current,
            }
            for session in sorted(context["sessions"], key=lambda row: row.created_at, reverse=True)
        ]
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One of the user's own, or all but this."""
        number = request.POST.get("session", "")
        if not number:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        if not number.isdecimal() or len(number) > 18:
            raise PermissionDenied
        own = UserSession.objects.filter(user_id=request.user.pk).exclude(session_key=request.session.session_key)
        session = own.filter(pk=int(number)).first()
        if session is not None:
            session.end()
        messages.success(request, "Đã đăng xuất khỏi thiết bị đó.")
        return HttpResponseRedirect(reverse("usersessions_list"))
