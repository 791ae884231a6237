"""Registration: allauth's two views, with what the reader agrees to, and everything written at once."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from allauth.socialaccount.views import SignupView as SocialSignupView
from django.db import IntegrityError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts import proving
from accounts.models import User
from accounts.views import evenly
from news.forms.registration import ReaderForm, SocialReaderForm
from news.services import consenting, enrolling


class _Consenting:
    """A form of registration that asks for consent."""

    request: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        """The wording of now."""
        now = timezone.now()
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]  # a mixin
        return {**kwargs, "consent": consenting.current(enrolling.FORM, now), "at": now}

    def form_valid(self, form: Any) -> HttpResponseBase:
        """The account, its consent and its mail; who fills the field that nobody sees gets the page alone."""
        if form.cleaned_data["website"]:
            refused: HttpResponseBase = get_adapter().respond_email_verification_sent(self.request, None)
            return refused
        try:
            answer: HttpResponseBase = enrolling.enrol(
                make=lambda: super(_Consenting, self).form_valid(form),  # type: ignore[misc]  # a mixin
                made=self.made,
                text=form.wording,
                purposes=form.agreed,
                address=self.request.path,
                at=timezone.now(),
            )
        except IntegrityError:
            if not proving.users_of(form.cleaned_data["email"]):
                raise
            # Somebody has the address since the form was looked at: a second click of theirs, mostly.
            answer = get_adapter().respond_email_verification_sent(self.request, None)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """With the wording of now."""
        form.show_current_wording()
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]  # a mixin
        response.status_code = 422
        return response

    def made(self) -> User | None:
        """Whose account it became."""
        raise NotImplementedError


class RegistrationView(_Consenting, SignupView):  # type: ignore[misc]  # allauth ships no types
    """By name, address and password."""

    form_class = ReaderForm
    user: User | None = None

    def made(self) -> User | None:
        """allauth keeps it here."""
        return self.user


class SocialRegistrationView(_Consenting, SocialSignupView):  # type: ignore[misc]
    """On coming from another site."""

    form_class = SocialReaderForm

    def made(self) -> User | None:
        """The account of that log-in, once it is written."""
        user = self.sociallogin.user
        return user if user is not None and user.pk else None


account_signup = evenly(RegistrationView.as_view())
socialaccount_signup = evenly(SocialRegistrationView.as_view())
