"""The forms around letters: writing one, following it, and what the desk does with it."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.models import User
from news.filetypes import BadFile
from news.forms.consent import ConsentForm
from news.forms.fields import LineField, LinesField, MomentField
from news.models import Feedback, FeedbackKind
from news.queries.feedback import handlers
from news.services import enclosing, outbox
from news.services.airing import Printed
from news.services.feedback import ANSWERABLE, BY_NAME, Handling, Letter, Step, due_refusal
from news.services.forwarding import Carries, Onward
from news.text import passage as passages

PHONE = RegexValidator(
    r"\A(?=(?:\D*\d){8,15}\D*\Z)[+0-9 ().-]{8,32}\Z",
    "Số điện thoại có 8 đến 15 chữ số, chỉ kèm dấu cách, dấu + và dấu chấm.",
)


CHOOSE_AGAIN = "Hãy chọn lại tệp: trình duyệt không giữ tệp đã chọn."


def mail_address(email: str) -> str:
    """The address; what no mail of ours goes to is none: encoded words, control characters, a host by its number."""
    if "[" in email or not outbox.is_address(email):
        raise ValidationError("Hãy nhập một địa chỉ thư hợp lệ.")
    return email


class FilesInput(forms.ClearableFileInput):
    """Several files of one field."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files, each of them looked at later (`services.enclosing`); here only how many and how heavy."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The uploads. Raises `ValidationError`."""
        found = [item for item in (data or []) if item]
        if len(found) > enclosing.MOST:
            raise ValidationError(f"Mỗi thư kèm tối đa {enclosing.MOST} tệp.")
        most = settings.LETTER_FILE_MAX_BYTES
        if any(item.size > most for item in found):
            raise ValidationError(f"Có tệp quá nặng: mỗi tệp tối đa {most // 1024 // 1024} MB.")
        return found


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
    enclosures = FilesField(
        label="Ảnh hoặc PDF kèm theo",
        required=False,
        widget=FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        help_text="Tối đa 3 tệp, mỗi tệp 5 MB: ảnh JPEG, PNG, WebP hoặc PDF. Thông tin về nơi chụp được bỏ đi.",
    )
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])

    def letter(self, *, account: User | None = None) -> Letter:
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
            passage=self.passage(),
            account=account,
            files=tuple(data["enclosures"]),
        )

    def refuse_files(self, *, network: str) -> None:
        """Before a refused form is shown again: say what is wrong with its files, and that they be chosen anew.

        Files of who fills what no person sees are not looked at, nor more than a network may have looked at.
        """
        found = self.cleaned_data.get("enclosures") or []
        if not self.cleaned_data.get("website"):
            with suppress(enclosing.TooManyFiles):
                try:
                    enclosing.look(found, network=network)
                except BadFile as error:
                    self.add_error("enclosures", str(error))
        self.choose_files_again()

    def choose_files_again(self) -> None:
        """Say so where files came along; no browser fills that field again."""
        if self.files.get("enclosures"):
            self.add_error("enclosures", CHOOSE_AGAIN)

    def passage(self) -> passages.Passage | None:
        """What of an article the letter points at; nothing in a general letter."""
        return None


class ArticleFeedbackForm(FeedbackForm):
    """A letter about an article: it may point at a passage of its text."""

    passage_words = LinesField(
        label="Đoạn có lỗi trong bài",
        required=False,
        max_length=passages.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Chép đúng chữ trong bài để tòa soạn mở được ngay chỗ ấy.",
    )
    passage_before = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    def __init__(self, *args: Any, text: str, **kwargs: Any) -> None:
        """`text` is the article's, plain."""
        super().__init__(*args, **kwargs)
        self._text = text

    def passage(self) -> passages.Passage | None:
        """The passage as the article has it; what the article does not have is kept as it was typed."""
        words = " ".join(self.cleaned_data["passage_words"].split())
        if not words:
            return None
        found = passages.find(self._text, words, self.cleaned_data["passage_before"])
        return found or passages.Passage(words)


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
    """What the desk says of a letter, what it writes back, and which button was pressed.

    `stamp` is that of the state the page showed; who has seen a newer one and goes on sends that as `overwrite`.
    """

    stamp = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Người phụ trách", required=False, empty_label="Chưa có người phụ trách"
    )
    kind = forms.ChoiceField(label="Loại thư", choices=FeedbackKind.choices, required=False)
    due_at = MomentField(
        label="Hạn trả lời", required=False, help_text="Để trống thì tính theo loại thư, trừ ngày nghỉ, lễ, tết."
    )
    note = LinesField(
        label="Thêm ghi chú nội bộ",
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Người gửi không thấy ghi chú.",
    )
    answer = LinesField(
        label="Lời đáp",
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 8}),
        help_text=(
            "Chữ thường, không định dạng. Bên dưới, thư tự có tên tòa soạn, thư của bạn đọc và các lời viết thêm; chỗ"
            " có liên kết hoặc địa chỉ thư thì thay bằng “[liên kết đã bỏ]”."
        ),
    )

    def __init__(self, letter: Feedback, data: Any = None, *, stamp: str, answer: str = "") -> None:
        if data is not None and data.get("overwrite"):
            data = data.copy()
            data["stamp"] = data["overwrite"]
        initial = {
            "stamp": stamp,
            "owner": letter.owner_id,
            "due_at": letter.due_at,
            "kind": letter.kind,
            "answer": answer,
        }
        super().__init__(data, initial=initial, label_suffix="")
        self._letter = letter
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

    def clean_due_at(self) -> datetime | None:
        """Not before the letter came."""
        due_at: datetime | None = self.cleaned_data["due_at"]
        if due_at is not None and (refusal := due_refusal(self._letter, due_at)):
            raise ValidationError(refusal)
        return due_at

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
        kind = FeedbackKind(data["kind"]) if data["kind"] else None
        return Handling(owner=data["owner"], due_at=data["due_at"], note=data["note"], kind=kind)


# --- What a sender does with a letter they found ---------------------------------------------------------


class AdditionForm(forms.Form):
    """More words for a letter."""

    body = LinesField(
        label="Viết thêm cho tòa soạn",
        min_length=2,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"min_length": "Hãy viết điều bạn muốn thêm."},
    )


class RatingForm(forms.Form):
    """What a sender thinks of the answer."""

    rating = forms.TypedChoiceField(
        label="Lời đáp giúp bạn đến đâu?",
        coerce=int,
        choices=[
            (5, "5 – rất hài lòng"),
            (4, "4 – hài lòng"),
            (3, "3 – tạm được"),
            (2, "2 – chưa hài lòng"),
            (1, "1 – không giúp được gì"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Hãy chọn một mức."},
    )
    words = LinesField(label="Nhận xét thêm", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


# --- What the desk does besides answering ----------------------------------------------------------------


class ForwardForm(forms.Form):
    """To whom a letter is passed on."""

    colleague = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Đồng nghiệp", required=False, empty_label="Chọn, hoặc ghi địa chỉ dưới đây"
    )
    recipient = forms.EmailField(
        label="Hoặc địa chỉ thư của cơ quan, đơn vị",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    words = LinesField(label="Lời nhắn", required=False, max_length=5000, widget=forms.Textarea({"rows": 4}))
    carries = forms.ChoiceField(
        label="Thông tin người gửi",
        choices=[(Carries.NOTHING.value, "Không kèm"), (Carries.DETAILS.value, "Kèm theo")],
        initial=Carries.NOTHING.value,
        widget=forms.RadioSelect,
        help_text="Chỉ kèm khi người gửi đã đồng ý và nơi nhận cần liên hệ với họ. Việc này được ghi vào nhật ký.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["colleague"].queryset = (  # type: ignore[attr-defined]  # a choice of rows
            User.objects.filter(is_active=True, is_staff=True).exclude(email="").order_by("full_name", "pk")
        )

    def clean_recipient(self) -> str:
        """See `mail_address`."""
        value = self.cleaned_data["recipient"]
        return mail_address(value) if value else ""

    def clean(self) -> dict[str, Any]:
        """One of the two, not both."""
        data = super().clean() or {}
        if not self.errors and bool(data.get("colleague")) == bool(data.get("recipient")):
            self.add_error("recipient", "Hãy chọn một đồng nghiệp hoặc ghi một địa chỉ, không cả hai.")
        return data

    def onward(self) -> Onward:
        """What the valid form holds."""
        data = self.cleaned_data
        recipient = data["colleague"].email if data["colleague"] else data["recipient"]
        return Onward(recipient=recipient, words=data["words"], carries=Carries(data["carries"]))


class MergeForm(forms.Form):
    """The main letter that another is merged into."""

    into = LineField(
        label="Mã hoặc số của thư chính",
        max_length=64,
        help_text=(
            "Chọn một thư còn chờ trả lời. Thư này sẽ theo thư ấy: cùng tình trạng, cùng lời đáp; mỗi người gửi nhận"
            " một thư riêng."
        ),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class PrintForm(forms.Form):
    """The public version of a question and its answer."""

    question = LinesField(label="Câu hỏi", max_length=5000, widget=forms.Textarea({"rows": 6}))
    answer = LinesField(label="Trả lời", max_length=10_000, widget=forms.Textarea({"rows": 8}))
    looked_at = forms.CharField(required=False, max_length=64)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")

    def printed(self) -> Printed:
        """What the valid form holds."""
        return Printed(self.cleaned_data["question"], self.cleaned_data["answer"])
