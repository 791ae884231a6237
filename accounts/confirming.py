"""Whoever is about to change how somebody else logs in shows once more that it is they who sit there."""

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode


def asked_again(request: HttpRequest) -> HttpResponseRedirect | None:
    """To the page that asks for the password or the second factor, and back here; None for who showed it just now.

    What was posted is not carried along, as allauth would: it may be somebody's new password.
    """
    if did_recently_reauthenticate(request):
        return None
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: request.path})}")
