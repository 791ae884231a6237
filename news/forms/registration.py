"""A reader registers, and says what the newsroom may keep."""

from accounts.forms import RegistrationForm, SocialRegistrationForm
from news.forms.consent import ConsentForm


class ReaderForm(ConsentForm, RegistrationForm):
    """By name, address and password."""


class SocialReaderForm(ConsentForm, SocialRegistrationForm):
    """On coming from another site."""
