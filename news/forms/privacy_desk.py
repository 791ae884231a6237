"""What the desk fills in about personal data: a request that came by letter, an order to keep, a new wording."""

from datetime import datetime
from typing import Any

from django import forms

from news.forms.feedback import mail_address
from news.forms.fields import DayField, LineField, LinesField, MomentField
from news.models import ConsentText, DataRequestKind, Purpose
from news.services.consenting import FIRST_TEXTS

_NOT_KEPT = "Chỉ để tìm dữ liệu; trang không lưu địa chỉ này ở đây."


class _AboutAddress(forms.Form):
    email = forms.EmailField(label="Thư điện tử của người có dữ liệu", max_length=254, help_text=_NOT_KEPT)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean_email(self) -> str:
        """See `mail_address`."""
        return mail_address(self.cleaned_data["email"])


class RequestForm(_AboutAddress):
    """A request that came by letter, by telephone or in person."""

    kind = forms.ChoiceField(label="Yêu cầu", choices=DataRequestKind.choices)
    note = LineField(
        label="Đến bằng cách nào",
        max_length=300,
        help_text="Ví dụ: đơn giấy, công văn đến số 12. Không ghi tên, địa chỉ của ai.",
    )


class HoldForm(_AboutAddress):
    """An order to keep."""

    reason = LineField(
        label="Lý do", max_length=300, help_text="Cơ quan nào yêu cầu, văn bản nào. Không ghi tên, địa chỉ của ai."
    )
    until = DayField(label="Giữ đến hết ngày", required=False, help_text="Bỏ trống: đến khi bỏ lệnh.")


class EraseForm(_AboutAddress):
    """Erase on a request that the desk noted: the address once more."""


class CloseForm(forms.Form):
    """What was done."""

    note = LineField(label="Đã làm gì", max_length=300, help_text="Không ghi tên, địa chỉ của ai.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class WordingForm(forms.Form):
    """A new wording of one form: the words of each purpose, and which optional ones are asked."""

    text = LinesField(label="Lời dẫn", required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))
    shown_from = MomentField(label="Dùng từ", required=False, help_text="Bỏ trống: ngay bây giờ.")

    def __init__(self, data: Any = None, *, current: ConsentText) -> None:
        shown = {purpose.name: purpose for purpose in current.asked}
        self._known = FIRST_TEXTS[current.form][1]
        initial: dict[str, Any] = {"text": current.text}
        for purpose in self._known:
            initial[f"words_{purpose.name}"] = shown.get(purpose.name, purpose).words
            initial[f"ask_{purpose.name}"] = purpose.name in shown
        super().__init__(data, initial=initial, label_suffix="")
        for number, purpose in enumerate(self._known, start=1):
            self.fields[f"words_{purpose.name}"] = LinesField(
                label=f"Mục đích {number} ({'bắt buộc' if purpose.is_required else 'không bắt buộc'})",
                required=purpose.is_required,
                max_length=600,
                widget=forms.Textarea({"rows": 2}),
            )
            if not purpose.is_required:
                self.fields[f"ask_{purpose.name}"] = forms.BooleanField(
                    label=f"Có hỏi mục đích {number}", required=False
                )

    def purposes(self) -> tuple[Purpose, ...]:
        """What the valid form asks for."""
        data = self.cleaned_data
        return tuple(
            Purpose(purpose.name, data[f"words_{purpose.name}"], purpose.is_required)
            for purpose in self._known
            if purpose.is_required or data[f"ask_{purpose.name}"]
        )

    def starts(self, at: datetime) -> datetime:
        """From when on."""
        return self.cleaned_data["shown_from"] or at
