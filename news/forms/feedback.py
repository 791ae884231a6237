"""The letter form of readers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from news.forms.fields import LineField, LinesField
from news.models import ConsentText, FeedbackKind
from news.services.feedback import Letter

_PHONE = RegexValidator(r"\A[+0-9 ().-]{6,32}\Z", "Số điện thoại chỉ gồm chữ số, dấu cách, dấu + và dấu chấm.")


class FeedbackForm(forms.Form):
    """Thông tin người gửi phản hồi, and the letter itself."""

    kind = forms.ChoiceField(label="Bạn muốn", choices=FeedbackKind.choices, initial=FeedbackKind.OPINION)
    body = LinesField(
        label="Nội dung phản hồi",
        min_length=10,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"min_length": "Hãy viết ít nhất 10 ký tự để tòa soạn hiểu được ý bạn."},
    )
    name = LineField(label="Họ và tên", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="Thư điện tử",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Để tòa soạn trả lời bạn.",
    )
    phone = forms.CharField(
        label="Điện thoại",
        required=False,
        max_length=32,
        validators=[_PHONE],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    address = LineField(
        label="Địa chỉ",
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    consent = forms.BooleanField(
        label="Tôi đồng ý", error_messages={"required": "Tòa soạn chỉ được lưu thông tin liên hệ khi bạn đồng ý."}
    )
    # The version of the wording that stood beside the box, so that what was agreed to is what was seen.
    consent_text = forms.ModelChoiceField(queryset=ConsentText.objects.none(), widget=forms.HiddenInput)
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def __init__(self, *args: Any, consent: ConsentText, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["consent"].label = consent.text
        wordings = self.fields["consent_text"]
        wordings.queryset = ConsentText.objects.filter(form=consent.form)  # type: ignore[attr-defined]  # a choice of rows
        self.fields["consent_text"].initial = consent.pk

    def clean_email(self) -> str:
        """The address; encoded words and control characters are no address here, whatever the standard lets through."""
        email: str = self.cleaned_data["email"]
        if "=?" in email or any(ord(letter) < 0x21 for letter in email):
            raise ValidationError("Hãy nhập một địa chỉ thư hợp lệ.")
        return email

    def letter(self) -> Letter:
        """What the valid form holds."""
        data = self.cleaned_data
        return Letter(
            kind=FeedbackKind(data["kind"]),
            body=data["body"],
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            address=data["address"],
            is_suspect=bool(data["website"]),
        )
