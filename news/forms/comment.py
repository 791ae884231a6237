"""The forms around comments: writing one, changing it, reporting, appealing; and what the desk decides."""

import re
import secrets
from datetime import datetime
from typing import Any, Final, cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict

from news.forms.consent import ConsentForm
from news.forms.feedback import mail_address
from news.forms.fields import LineField, LinesField
from news.models import CommentSetting, CommentSwitch, ConsentText, Edition, ReportReason, WordRule
from news.models.comment import LONGEST
from news.services.commenting import Words
from news.services.moderating import BLOCK_DAYS, REASONS
from news.text.wordlist import Match, Word, WordList, key_of

QUICKEST: Final = 3
"""Seconds between opening a form and sending it; programs are quicker."""
LONGEST_OPEN: Final = 24 * 3600
_ARTICLE: Final = re.compile(r"(?:\A|-)([0-9]{1,18})(?:/[^-]*)?\Z", re.ASCII)
_OPENED: Final = signing.Signer(salt="news.comment.opened")


def _body() -> LinesField:
    return LinesField(
        label="Bình luận của bạn",
        min_length=2,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": LONGEST}),
        error_messages={"min_length": "Hãy viết thêm vài chữ.", "required": "Hãy viết bình luận."},
    )


class _TimedForm(forms.Form):
    """A form that knows when it was opened, by a mark of its own, and has a field that no person fills."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def _open(self, at: datetime) -> None:
        self.at = at
        self.fresh_mark = _OPENED.sign(f"{int(at.timestamp())}.{secrets.token_hex(8)}")
        self.fields["opened"].initial = self.fresh_mark

    def clean_opened(self) -> str:
        """Some seconds ago, and today. Raises `ValidationError`."""
        try:
            opened = int(_OPENED.unsign(self.cleaned_data["opened"]).partition(".")[0])
        except (signing.BadSignature, ValueError):
            raise ValidationError("Biểu mẫu mở đã lâu. Nội dung còn ở dưới: bạn hãy gửi lại.") from None
        age = self.at.timestamp() - opened
        if age < QUICKEST:
            raise ValidationError("Bạn gửi nhanh quá. Hãy xem lại nội dung rồi gửi lần nữa.")
        if age > LONGEST_OPEN:
            raise ValidationError("Biểu mẫu mở đã lâu. Nội dung còn ở dưới: bạn hãy gửi lại.")
        return str(self.cleaned_data["opened"])

    def mark_anew(self) -> None:
        """Before a refused form is shown again: its clock starts anew where what it brought was none."""
        if "opened" in self.errors:
            data = cast(QueryDict, self.data).copy()
            data["opened"] = self.fresh_mark
            self.data = data


class AccountCommentForm(_TimedForm):
    """A comment of somebody who is logged in."""

    body = _body()
    field_order = ("body",)

    def __init__(self, data: Any = None, *, at: datetime) -> None:
        super().__init__(data, auto_id="bl_%s", label_suffix="")
        self._open(at)

    def words(self) -> Words:
        """What the valid form holds."""
        return Words(body=self.cleaned_data["body"], is_suspect=bool(self.cleaned_data["website"]))


class GuestCommentForm(_TimedForm, ConsentForm):
    """A comment of a guest, with a name that is shown and an address that is not."""

    body = _body()
    name = LineField(
        label="Tên của bạn",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Hiện bên bình luận.",
    )
    email = forms.EmailField(
        label="Thư điện tử",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Không hiện trên trang.",
    )
    field_order = ("body", "name", "email")

    def __init__(self, data: Any = None, *, consent: ConsentText, at: datetime) -> None:
        super().__init__(data, consent=consent, at=at, auto_id="bl_%s")
        self._open(at)

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])

    def words(self) -> Words:
        """What the valid form holds."""
        data = self.cleaned_data
        return Words(
            body=data["body"],
            name=data["name"],
            email=data["email"],
            is_suspect=bool(data["website"]),
            mark=data["opened"],
        )


class EditCommentForm(forms.Form):
    """The words of a comment, to be changed."""

    body = _body()

    def __init__(self, data: Any = None, *, body: str = "") -> None:
        super().__init__(data, auto_id="bls_%s", label_suffix="", initial={"body": body})


class ReportForm(forms.Form):
    """What is wrong with a comment."""

    reason = forms.ChoiceField(label="Vì sao", choices=ReportReason.choices, widget=forms.RadioSelect)
    note = LineField(label="Nói thêm", max_length=500, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="blb_%s", label_suffix="")


class AppealForm(forms.Form):
    """Why a decision is not right."""

    words = LinesField(
        label="Vì sao bạn thấy quyết định chưa đúng",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": 1000}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="blk_%s", label_suffix="")


# --- The desk ------------------------------------------------------------------------------------------------


class DecisionForm(forms.Form):
    """Why the desk decides as it does: one of the usual reasons, or words of its own; and for how long to lock out."""

    reason = forms.ChoiceField(
        label="Lý do", choices=[("", "Chọn lý do"), *((reason, reason) for reason in REASONS)], required=False
    )
    own_reason = LineField(label="Hoặc ghi lý do", max_length=300, required=False)
    days = forms.TypedChoiceField(
        label="Khóa trong", choices=list(BLOCK_DAYS.items()), coerce=int, initial=30, required=False
    )
    answer = LinesField(label="Trả lời thay tòa soạn", max_length=LONGEST, required=False)
    appeal_answer = LineField(
        label="Lời trả lời khiếu nại", max_length=300, required=False, help_text="Người viết thấy lời này."
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def said(self) -> str:
        """The reason; what was written goes before what was picked."""
        return str(self.cleaned_data.get("own_reason") or self.cleaned_data.get("reason") or "")


class UnblockForm(forms.Form):
    """Why a writer is let in again."""

    own_reason = LineField(label="Lý do mở khóa", max_length=300, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class WordRuleForm(forms.ModelForm):
    """A word that keeps comments back."""

    class Meta:
        model = WordRule
        fields = ("pattern", "match", "level", "note", "is_active")

    def clean_pattern(self) -> str:
        """As it is looked for. Raises `ValidationError` for a pattern that finds nothing, not even itself."""
        pattern = key_of(self.cleaned_data["pattern"])
        if not WordList([Word(pattern, Match.FOLDED)]).find(pattern):
            raise ValidationError("Từ này không có chữ nào để bắt.")
        return pattern


class CommentSettingForm(forms.ModelForm):
    """What holds for the comments of a section or of the site: at least one thing."""

    class Meta:
        model = CommentSetting
        fields = ("section", "state", "who", "closes_after")

    def clean(self) -> dict[str, Any]:
        """Something is set. Raises `ValidationError`."""
        data = super().clean() or self.cleaned_data
        is_empty = not data.get("state") and not data.get("who") and data.get("closes_after") is None
        if is_empty and "closes_after" not in self.errors:
            raise ValidationError(
                "Quy định này chưa nói gì. Hãy chọn ít nhất một điều: mở hay đóng, ai được viết, đóng sau mấy ngày."
            )
        return data


class CommentSwitchForm(forms.ModelForm):
    """What holds for the comments of one article; a new one is told by its address or its number."""

    place = LineField(
        label="Bài",
        max_length=400,
        help_text="Dán địa chỉ bài trên trang bạn đọc, hoặc ghi số ở cuối địa chỉ.",
    )

    class Meta:
        model = CommentSwitch
        fields = ("state", "closes_at", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "place" in self.fields:
            del self.fields["place"]

    def clean_place(self) -> int:
        """The number of an article that readers see or saw, and that has no switch yet. Raises `ValidationError`."""
        found = _ARTICLE.search(self.cleaned_data["place"])
        number = int(found[1]) if found else 0
        if not Edition.objects.filter(article_id=number).exists():
            raise ValidationError("Không tìm thấy bài đã đăng nào ở địa chỉ này.")
        if CommentSwitch.objects.filter(article_id=number).exists():
            raise ValidationError("Bài này đã có trong danh sách: hãy mở dòng của bài để sửa.")
        return number


class TryForm(forms.Form):
    """A text to try the list of words on."""

    text = LinesField(
        label="Thử một đoạn",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Dán một đoạn để xem từ nào trong danh sách bắt được gì. Không lưu lại.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="thu_%s", label_suffix="")
