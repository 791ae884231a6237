"""The form by which a reader says how they are called."""

from typing import Any

from django import forms

from accounts.names import LONGEST
from news.services import naming


class ProfileForm(forms.Form):
    """The display name."""

    full_name = forms.CharField(
        label="Tên hiển thị",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Tên thật hay bút danh đều được; không dùng tên của tòa soạn.",
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="ho_so_%s", label_suffix="")

    def clean_full_name(self) -> str:
        """See `naming.clean`."""
        return naming.clean(str(self.cleaned_data["full_name"]))
