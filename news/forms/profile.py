"""The form by which a reader says how they are called."""

from typing import Any

from django import forms

from news.forms.fields import LineField


class ProfileForm(forms.Form):
    """The display name."""

    full_name = LineField(
        label="Tên hiển thị",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Tên thật hay bút danh đều được; không dùng tên của tòa soạn.",
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="ho_so_%s", label_suffix="")
