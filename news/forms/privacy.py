"""The forms by which people ask for what is kept about them, and put it right."""

from typing import Any

from django import forms

from news.forms.feedback import PHONE, mail_address
from news.forms.fields import LineField


class AskForm(forms.Form):
    """Where the link goes."""

    email = forms.EmailField(
        label="Thư điện tử",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Địa chỉ bạn đã ghi khi gửi thư, bình luận, nhận bản tin hoặc mở tài khoản.",
    )
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])


class CorrectForm(forms.Form):
    """Name, telephone and address as they should be; what is the same as before is left alone."""

    name = LineField(
        label="Họ và tên", required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label="Điện thoại",
        required=False,
        max_length=32,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    address = LineField(
        label="Địa chỉ",
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )

    def __init__(self, data: Any = None, *, details: dict[str, str]) -> None:
        super().__init__(data, initial=details, label_suffix="")

    def corrected(self) -> dict[str, str]:
        """What the valid form changes."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
