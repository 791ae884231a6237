"""The form by which a reader sends an article to a friend."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from news.forms.fields import LineField, LinesField
from news.services import naming, outbox
from news.services.sharing import Note
from news.text.strangers import bare_name

# A plain mailbox at a named host. What the standard allows besides (quotes, comments, routes, literal numbers) is
# nobody's friend.
_MAILBOX: Final = re.compile(
    r"[A-Za-z0-9_+~'-]+(?:\.[A-Za-z0-9_+~'-]+)*@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])"
)
_ONE_ADDRESS: Final = "Hãy ghi đúng một địa chỉ thư, ví dụ mai@example.vn."


class ShareForm(forms.Form):
    """Gửi cho bạn bè."""

    name = LineField(
        label="Tên của bạn",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Người nhận sẽ thấy tên này.",
    )
    friend = LineField(
        label="Thư điện tử của người nhận",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        validators=[EmailValidator(_ONE_ADDRESS)],
        help_text="Chỉ dùng để gửi thư này, không lưu lại.",
    )
    words = LinesField(
        label="Lời nhắn",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Tối đa 500 ký tự. Liên kết và địa chỉ thư trong lời nhắn sẽ bị bỏ.",
    )
    website = forms.CharField(required=False, max_length=200, label="Bỏ trống ô này")

    def __init__(self, data: Any = None) -> None:
        # Ids of its own: on the article's page other forms may stand beside it.
        super().__init__(data, auto_id="gui_%s", label_suffix="")

    def clean_name(self) -> str:
        """The name as the mail says it: letters only. Raises `ValidationError` for one that is empty, or is ours."""
        name = bare_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Hãy ghi tên bằng chữ cái.")
        if naming.passes_for_us(name):
            raise ValidationError("Tên này dành cho tòa soạn. Hãy ghi tên của bạn.")
        return name

    def clean_friend(self) -> str:
        """One plain address. Raises `ValidationError`."""
        address: str = self.cleaned_data["friend"]
        if not _MAILBOX.fullmatch(address) or not outbox.is_address(address):
            raise ValidationError(_ONE_ADDRESS)
        return address

    def note(self) -> Note:
        """What the valid form holds."""
        data = self.cleaned_data
        return Note(name=data["name"], friend=data["friend"], words=data["words"], is_suspect=bool(data["website"]))
