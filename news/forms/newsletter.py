"""The forms of the newsletter: asking for it, and changing it by the link in its mails."""

from typing import Any

from django import forms

from accounts.forms import BoundedChoices
from news.forms.consent import ConsentForm
from news.forms.feedback import mail_address
from news.models import Frequency, Section, Subscriber
from news.services.subscribing import Wish


class SectionsField(BoundedChoices):
    """Sections of the first level that readers see; none means all."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        super().__init__(
            queryset=Section.objects.filter(is_listed=True, parent=None).order_by("order", "id"),
            label="Chuyên mục",
            required=False,
            help_text="Không chọn mục nào thì bản tin có bài của mọi chuyên mục.",
        )


def frequency_field() -> forms.ChoiceField:
    """How often."""
    return forms.ChoiceField(
        label="Bạn muốn nhận",
        choices=[(Frequency.DAILY, "Mỗi ngày một thư"), (Frequency.WEEKLY, "Mỗi tuần một thư")],
        initial=Frequency.DAILY,
        widget=forms.RadioSelect,
    )


class SubscribeForm(ConsentForm):
    """Nhận bản tin."""

    email = forms.EmailField(
        label="Thư điện tử", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    frequency = frequency_field()
    sections = SectionsField()
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])

    def wish(self) -> Wish:
        """What the valid form holds."""
        data = self.cleaned_data
        return Wish(
            email=data["email"],
            frequency=Frequency(data["frequency"]),
            sections=tuple(data["sections"]),
            is_suspect=bool(data["website"]),
        )


class OwnForm(forms.Form):
    """What a subscriber gets, to be changed."""

    frequency = frequency_field()
    sections = SectionsField()

    def __init__(self, data: Any, subscriber: Subscriber) -> None:
        initial = {"frequency": subscriber.frequency, "sections": [row.pk for row in subscriber.sections.all()]}
        super().__init__(data, initial=initial, label_suffix="")
