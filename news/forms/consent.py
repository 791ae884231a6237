"""The part of a form that asks for consent: one box a purpose, none ticked beforehand, and the version shown."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from news.models import ConsentText
from news.services import consenting

_BOX: Final = "agree_"
CHANGED: Final = "Lời xin đồng ý vừa được sửa. Hãy đọc lại và đồng ý lần nữa."
NEEDED: Final = "Tòa soạn chỉ nhận được khi bạn đồng ý điều này."


class ConsentForm(forms.Form):
    """A form that asks for consent: give it the wording of now (`consenting.current`) and the clock.

    `wording` and `agreed` are what was agreed to, once the form is valid; `agreements` are the boxes for
    `news/_consent.html`. Before a refused form is shown again, call `show_current_wording`.
    """

    # The version of the wording that stood beside the boxes, so that what was agreed to is what was seen.
    consent_text = forms.CharField(
        widget=forms.HiddenInput, max_length=20, error_messages=dict.fromkeys(("required", "max_length"), CHANGED)
    )

    def __init__(self, data: Any = None, *args: Any, consent: ConsentText, at: datetime, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.label_suffix = ""
        self._current = consent
        self._seen = self._shown_to_them(at) if self.is_bound else consent
        self.fields["consent_text"].initial = consent.pk
        self._ask(self._seen or consent)

    def _shown_to_them(self, at: datetime) -> ConsentText | None:
        """The wording that the sent form names, if it is one of this form that may still be agreed to."""
        sent = str(self.data.get(self.add_prefix("consent_text"), ""))
        if sent == str(self._current.pk):
            return self._current
        if not sent.isascii() or not sent.isdecimal() or len(sent) > 18:
            return None
        found = ConsentText.objects.filter(pk=int(sent), form=self._current.form).first()
        return found if found is not None and consenting.acceptable(found, at) else None

    def _ask(self, text: ConsentText) -> None:
        for name in [name for name in self.fields if name.startswith(_BOX)]:
            del self.fields[name]
            self._bound_fields_cache.pop(name, None)  # type: ignore[attr-defined]  # Django's own: the label is in it
        self.intro = text.text if text.asked[0].words != text.text else ""
        for purpose in text.asked:
            self.fields[f"{_BOX}{purpose.name}"] = forms.BooleanField(
                label=purpose.words, required=purpose.is_required, error_messages={"required": NEEDED}
            )

    def clean_consent_text(self) -> str:
        """A wording of this form. Raises `ValidationError`."""
        if self._seen is None:
            raise forms.ValidationError(CHANGED)
        return str(self._seen.pk)

    @property
    def agreements(self) -> list[forms.BoundField]:
        """The boxes."""
        return [self[name] for name in self.fields if name.startswith(_BOX)]

    @property
    def wording(self) -> ConsentText:
        """What the reader saw; only of a valid form."""
        return self._seen or self._current

    @property
    def agreed(self) -> list[str]:
        """The names of the purposes that were ticked; only of a valid form."""
        return [
            name.removeprefix(_BOX)
            for name, is_ticked in self.cleaned_data.items()
            if name.startswith(_BOX) and is_ticked
        ]

    def show_current_wording(self) -> None:
        """Before the form is shown again: in it stands the wording of now, ticked only as far as it was seen."""
        if self._seen is not None and self._seen.pk == self._current.pk:
            return
        data: MultiValueDict[str, Any] = QueryDict(mutable=True)
        for name, values in getattr(self.data, "lists", lambda: [(k, [v]) for k, v in self.data.items()])():
            if not name.startswith(self.add_prefix(_BOX)):
                data.setlist(name, values)
        data[self.add_prefix("consent_text")] = str(self._current.pk)
        self.data = data
        self._ask(self._current)
        for name in [name for name in self.errors if name.startswith(_BOX)]:
            del self.errors[name]
