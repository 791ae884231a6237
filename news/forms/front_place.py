"""The form of the front page's places: an article and a moment for each."""

from typing import Any

from django import forms

from news.forms.fields import MomentField, PickField
from news.models import FRONT_PLACES
from news.queries import picks
from news.services.arranging import Placing


def place_name(number: int) -> str:
    """What a place is called."""
    return "Bài dẫn trang" if number == 1 else f"Bài nổi bật {number - 1}"


class FrontPlacesForm(forms.Form):
    """All the places; `seen` is the arrangement that was loaded."""

    seen = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for number in range(1, FRONT_PLACES + 1):
            self.fields[f"article_{number}"] = PickField(picks.ARTICLE, label=place_name(number))
            self.fields[f"until_{number}"] = MomentField(required=False, label="Giữ đến")

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The two fields of each place."""
        return [(self[f"article_{number}"], self[f"until_{number}"]) for number in range(1, FRONT_PLACES + 1)]

    def placings(self) -> dict[int, Placing]:
        """What the valid form asks for."""
        data = self.cleaned_data
        return {
            number: Placing(article.pk, data[f"until_{number}"])
            for number in range(1, FRONT_PLACES + 1)
            if (article := data[f"article_{number}"]) is not None
        }
