"""The desk's forms about who wants no mail: an address is typed, looked up by its digest, and kept nowhere."""

from django import forms

from news.forms.feedback import mail_address
from news.forms.fields import LineField
from news.models import MailScope


class AddressForm(forms.Form):
    """Whose it is."""

    email = forms.EmailField(
        label="Thư điện tử",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Chỉ dùng để tính mã, không lưu lại.",
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]  # what a request brings

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])


class StopForm(AddressForm):
    """What its owner wants no more of, and how the desk knows."""

    scopes = forms.MultipleChoiceField(
        label="Không gửi", choices=MailScope.choices, widget=forms.CheckboxSelectMultiple
    )
    reason = LineField(
        label="Lý do",
        max_length=300,
        help_text="Ví dụ: người nhận gọi điện yêu cầu ngày 5/3. Không ghi tên hay địa chỉ của ai.",
    )


class LiftForm(forms.Form):
    """Why mail may reach it again."""

    reason = LineField(label="Lý do bỏ dừng", max_length=300, help_text="Chỉ bỏ dừng khi chính người nhận yêu cầu.")

    def __init__(self, data: object = None) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]  # what a request brings
