"""The forms around letters: writing one, following it, and what the desk does with it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.models import User
from news.forms.consent import ConsentForm
from news.forms.fields import LineField, LinesField, MomentField
from news.models import Feedback, FeedbackKind
from news.queries.feedback import handlers
from news.services import outbox
from news.services.feedback import ANSWERABLE, BY_NAME, Handling, Letter, Step

PHONE = RegexValidator(r"\A[+0-9 ().-]{6,32}\Z", "Số điện thoại chỉ gồm chữ số, dấu cách, dấu + và dấu chấm.")


def mail_address(email: str) -> str:
    """The address; what no mail of ours goes to is none: encoded words, control characters, a host by its number."""
    if "[" in email or not outbox.is_address(email):
        raise ValidationError("Hãy nhập một địa chỉ thư hợp lệ.")
    return email


class FeedbackForm(ConsentForm):
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
        validators=[PHONE],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    address = LineField(
        label="Địa chỉ",
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])

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


class FollowForm(forms.Form):
    """By what a sender finds a letter again."""

    code = LineField(
        label="Mã phản hồi",
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text="Ví dụ PH-2026-000123-ABCD2345; chữ thường hay thiếu dấu gạch đều được.",
    )
    email = forms.EmailField(
        label="Thư điện tử",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Địa chỉ bạn đã ghi khi gửi phản hồi.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])


class HandlingForm(forms.Form):
    """What the desk notes about a letter, what it writes back, and which button was pressed.

    `stamp` is that of the state the page showed; who has seen a newer one and goes on sends that as `overwrite`.
    """

    stamp = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Người phụ trách", required=False, empty_label="Chưa có người phụ trách"
    )
    due_at = MomentField(label="Hạn trả lời", required=False)
    internal_note = LinesField(
        label="Ghi chú nội bộ", required=False, max_length=5000, help_text="Người gửi không thấy ghi chú này."
    )
    answer = LinesField(
        label="Lời đáp",
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 8}),
        help_text="Chữ thường, không định dạng. Bên dưới, thư tự có tên tòa soạn và nguyên văn thư của bạn đọc.",
    )

    def __init__(self, letter: Feedback, data: Any = None, *, stamp: str, answer: str = "") -> None:
        if data is not None and data.get("overwrite"):
            data = data.copy()
            data["stamp"] = data["overwrite"]
        initial = {
            "stamp": stamp,
            "owner": letter.owner_id,
            "due_at": letter.due_at,
            "internal_note": letter.internal_note,
            "answer": answer,
        }
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["owner"].queryset = handlers(letter.owner_id)  # type: ignore[attr-defined]  # a choice of rows

    @property
    def is_answer(self) -> bool:
        """Whether the answer is to be sent."""
        return "_answer" in self.data

    @property
    def step_name(self) -> str:
        """The step whose button was pressed; "" for none."""
        return "" if self.is_answer else str(self.data.get("_step", ""))

    @property
    def step(self) -> Step | None:
        """That step; None for none and for what is none."""
        return BY_NAME.get(self.step_name)

    @property
    def draft(self) -> str:
        """An answer that was typed and is not to be sent yet."""
        return "" if self.is_answer else str(self.cleaned_data["answer"])

    def clean(self) -> dict[str, Any]:
        """An answer is neither sent empty nor lost by a step after which it could not be sent."""
        data = super().clean() or {}
        answer = data.get("answer", "")
        if self.is_answer and not answer and "answer" not in self.errors:
            self.add_error("answer", "Hãy viết lời đáp trước khi gửi.")
        if answer and self.step is not None and self.step.target not in ANSWERABLE:
            self.add_error("answer", f"Lời đáp này chưa gửi: hãy gửi hoặc xóa đi rồi bấm “{self.step.label}”.")
        return data

    def handling(self) -> Handling:
        """What the valid form holds for the desk."""
        data = self.cleaned_data
        return Handling(owner=data["owner"], due_at=data["due_at"], internal_note=data["internal_note"])
