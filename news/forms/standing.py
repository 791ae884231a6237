"""The form of a standing page."""

from typing import Any

from django import forms
from django.contrib.flatpages.models import FlatPage
from django.core.exceptions import ValidationError

from news.forms.fields import LineField, ProseField
from news.services import standing


class StandingPageForm(forms.ModelForm):
    """Title, address, text. `seen` is what was loaded, by its hash: nobody replaces unseen what a colleague wrote."""

    title = LineField(label="Tiêu đề", max_length=200, widget=forms.TextInput({"size": 80}))
    url = LineField(
        label="Địa chỉ",
        max_length=100,
        widget=forms.TextInput({"size": 40, "spellcheck": "false", "placeholder": "/trang/gioi-thieu/"}),
        help_text="/trang/ten-trang/ cho trang tiếng Việt; /en/ hoặc /en/page-name/ cho trang tiếng Anh.",
    )
    content = ProseField(label="Nội dung", required=False)
    registration_required = forms.BooleanField(
        label="Ẩn khỏi bạn đọc",
        required=False,
        help_text="Trang đã đăng không xóa được; ẩn đi thì địa chỉ của nó không mở được nữa.",
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    class Meta:
        model = FlatPage
        fields = ["title", "url", "content", "registration_required"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = standing.fingerprint(self.instance)
        self.initial["seen"] = self.kept

    def clean_url(self) -> str:
        """An address that readers can open and no other page has."""
        url: str = self.cleaned_data["url"]
        try:
            standing.check_address(url, but=self.instance.pk)
        except standing.BadAddress as error:
            raise ValidationError(str(error), code="address") from error
        return url

    def clean(self) -> dict[str, Any]:
        """Tell when somebody saved the page meanwhile; saving once more replaces what they wrote."""
        data = super().clean() or self.cleaned_data
        if data.get("seen", "") != self.kept:
            self.data = {**self.data.dict(), self.add_prefix("seen"): self.kept}  # type: ignore[attr-defined]  # a QueryDict
            self.add_error(
                None,
                "Có người vừa sửa trang này sau khi bạn mở nên chưa lưu. Nội dung bạn gõ còn ở dưới; hãy mở trang trong"
                " cửa sổ khác để so. Lưu lần nữa sẽ thay bản của họ.",
            )
        return data
