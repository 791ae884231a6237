"""The form by which a reader switches what they are told of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.forms import BoundField

from news.models import NotificationChoice, NotificationKind

_MEANS: Final = {
    NotificationKind.COMMENT_ANSWERED: "Mỗi bài nhiều nhất một thư một ngày, cho đến khi bạn xem lại.",
    NotificationKind.COMMENT_DECIDED: "Khi bình luận được đăng, bị ẩn hoặc được xem lại.",
    NotificationKind.FEEDBACK_ANSWERED: "Lời đáp vẫn luôn được gửi tới địa chỉ bạn ghi trong thư.",
    NotificationKind.FOLLOWED_ARTICLE: "Qua thư: mỗi sáng một bản tóm tắt, khi có bài mới.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """The two switches of a kind."""

    label: str
    means: str
    on_page: BoundField
    by_mail: BoundField


class ChoicesForm(forms.Form):
    """Two switches for each kind; `is_stopped`: by a link in a mail the reader stopped all mail of them."""

    def __init__(
        self,
        data: Any = None,
        *,
        choices: Mapping[NotificationKind, NotificationChoice],
        is_stopped: bool = False,
    ) -> None:
        super().__init__(data, auto_id="bao_%s", label_suffix="")
        for kind, choice in choices.items():
            self.fields[f"{kind}_trang"] = forms.BooleanField(
                label="Ở trang này", required=False, initial=choice.on_page
            )
            self.fields[f"{kind}_thu"] = forms.BooleanField(
                label="Qua thư", required=False, initial=choice.by_mail and not is_stopped
            )

    def rows(self) -> list[Row]:
        """The kinds in their order, each with its switches."""
        return [Row(kind.label, _MEANS[kind], self[f"{kind}_trang"], self[f"{kind}_thu"]) for kind in NotificationKind]

    def wanted(self) -> dict[NotificationKind, tuple[bool, bool]]:
        """What the valid form holds: (on the page, by mail)."""
        data = self.cleaned_data
        return {kind: (data[f"{kind}_trang"], data[f"{kind}_thu"]) for kind in NotificationKind}
