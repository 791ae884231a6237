"""Fields of the desk's forms: text put in order at the door, rich text, days, and things picked by name or number."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.templatetags.static import static
from django.urls import reverse

from news import markup
from news.queries import figures, picks
from news.text.normalize import clean_line, clean_text, fold


class LineField(forms.CharField):
    """One line of text as it will be stored; what looks empty is empty."""

    def to_python(self, value: Any) -> str:
        """The line put in order; too long a text is refused before it is looked at."""
        text = str(value or "")
        if len(text) > 20_000:
            raise ValidationError("Dòng chữ quá dài.", code="max_length")
        line = clean_line(text)
        if self.max_length is not None and len(line) <= self.max_length < len(fold(line)):
            # Letters that fold into several (ﬃ): the key by which the line is found would not fit its column.
            raise ValidationError(f"Dòng chữ quá dài: tối đa {self.max_length} ký tự.", code="max_length")
        return line


class LinesField(forms.CharField):
    """Plain text of several lines as it will be stored."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """The text put in order."""
        text = str(value or "")
        if len(text) > 200_000:
            raise ValidationError("Đoạn chữ quá dài.", code="max_length")
        return clean_text(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text differs, however the browser ends its lines."""
        return clean_text(str(initial or "")) != clean_text(str(data or ""))


class DayInput(forms.DateInput):
    """A day, day first, whatever language the browser speaks; `static/js/desk/days.js` adds the browser's calendar."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        shown = {"placeholder": "vd. 20/5/2024", "inputmode": "numeric", "autocomplete": "off", "data-day": ""}
        super().__init__({**shown, **(attrs or {})}, format="%d/%m/%Y")


class MomentInput(forms.DateTimeInput):
    """A day and a time, day first, 24 hours."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        shown = {"placeholder": "vd. 20/5/2024 08:00", "autocomplete": "off", "data-moment": ""}
        super().__init__({**shown, **(attrs or {})}, format="%d/%m/%Y %H:%M")

    def format_value(self, value: Any) -> str | None:
        """To the minute, or to the second where the moment has seconds: what was loaded is what comes back."""
        if isinstance(value, datetime) and value.second:
            return value.strftime("%d/%m/%Y %H:%M:%S")
        return super().format_value(value)


YEARS = "Năm phải trong khoảng 1900 đến 2199."


class DayField(forms.DateField):
    """A day as it is written here: 20/5/2024, 20-5-2024, or ISO."""

    default_error_messages = {"invalid": "Hãy ghi ngày theo kiểu 20/5/2024.", "year": YEARS}
    widget = DayInput

    def to_python(self, value: Any) -> date | None:
        """The day; years that no calendar arithmetic survives are refused."""
        day = super().to_python(value)
        if day is not None and not 1900 <= day.year < 2200:
            raise ValidationError(self.error_messages["year"], code="year")
        return day


class MomentField(forms.DateTimeField):
    """A day and a time as they are written here: 20/5/2024 08:00."""

    default_error_messages = {
        "invalid": "Hãy ghi ngày và giờ theo kiểu 20/5/2024 08:00.",
        "year": YEARS,
    }
    widget = MomentInput

    def to_python(self, value: Any) -> datetime | None:
        """The moment; years that no calendar arithmetic survives are refused."""
        try:
            moment = super().to_python(value)
        except OverflowError:
            raise ValidationError(self.error_messages["year"], code="year") from None
        if moment is not None and not 1900 <= moment.year < 2200:
            raise ValidationError(self.error_messages["year"], code="year")
        return moment


class ProseInput(forms.Textarea):
    """A textarea of sanitised HTML that `static/js/desk/editor.js` turns into the editor; it works as it is without."""

    extensions = markup.PROSE_EXTENSIONS

    def __init__(self) -> None:
        super().__init__({"rows": 18, "class": "body-source", "spellcheck": "true"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The editor's module, what it may offer and where it looks things up go along, as data."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "data-editor": json.dumps(self.extensions, separators=(",", ":")),
            "data-editor-module": static("django_prose_editor/editor.js"),
            "data-editor-links": reverse("admin:news_links"),
        }
        return context

    def format_value(self, value: Any) -> str:
        """What is loaded into the editor has passed the sanitiser, whatever is stored."""
        return markup.sanitise(str(value or ""))


class BodyInput(ProseInput):
    """The same with boxes and figures from the library."""

    extensions = markup.EDITOR_EXTENSIONS

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Where pictures and recordings are found, and where a pasted picture goes."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "data-editor-figures": reverse("admin:news_figures"),
            "data-editor-upload": reverse("admin:news_image_upload"),
            "data-editor-library": reverse("admin:news_image_add"),
            "data-editor-recordings": reverse("admin:news_recording_add"),
        }
        return context


class ProseField(forms.CharField):
    """Rich text. Plain text without any tag becomes paragraphs, so that the textarea alone is enough."""

    widget = ProseInput
    LONGEST = 400_000

    def to_python(self, value: Any) -> str:
        """Sanitised HTML."""
        text = str(value or "")
        if len(text) > 2 * self.LONGEST:
            raise ValidationError("Nội dung quá dài.", code="max_length")
        if "<" not in text:
            text = markup.paragraphs(text)
        body = markup.sanitise(text)
        if len(body) > self.LONGEST:
            raise ValidationError("Nội dung quá dài.", code="max_length")
        return "" if not markup.plain(body) and "<hr" not in body and not markup.figures(body) else body

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text differs from what was loaded."""
        return markup.sanitise(str(initial or "")) != markup.sanitise(str(data or ""))


class BodyField(ProseField):
    """Rich text with figures: each names a picture or a recording of the library."""

    widget = BodyInput

    def clean(self, value: Any) -> str:
        """The text. Raises `ValidationError` naming each number that is not in the library; two queries at most."""
        body: str = super().clean(value)
        count = sum(max(1, len(figure.images)) for figure in markup.figures(body))
        if count > markup.MOST_FIGURES:
            raise ValidationError(
                f"Nhiều hình quá: {count}, tối đa {markup.MOST_FIGURES} ảnh, phim trong một bài.", code="max_length"
            )
        missing = figures.missing(body)
        if missing:
            raise ValidationError([ValidationError(message, code="unknown") for message in missing[:10]])
        return body


# --- Things picked ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A name that nobody bears yet; whoever saves the form makes the row."""

    name: str


class PickInput(forms.TextInput):
    """A text field; `static/js/desk/pick.js` offers matches below it while one types.

    `many` is what parts several of them; with `popup` a link opens the page where a new one is made; where the field
    `adds` what nobody bears yet, one is told so before saving.
    """

    def __init__(self, source: picks.Source, *, many: str = "", popup: bool = False) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false"})
        self.source = source
        self.many = many
        self.popup = popup
        self.adds = False
        self.add_address = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Where the matches come from."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-pick"] = reverse("admin:pick", args=[self.source.kind])
        if self.many:
            context["widget"]["attrs"]["data-pick-many"] = self.many
        if self.adds:
            context["widget"]["attrs"]["data-pick-adds"] = ""
        return context

    @property
    def add_label(self) -> str:
        """What the link to `add_address` says."""
        return f"Thêm {self.source.model._meta.verbose_name}"


class PickField(forms.Field):
    """One thing of the register, of the library, of the desk; cleaned to its row, a `Newcomer`, or None."""

    widget: Any = PickInput

    def __init__(self, source: picks.Source, *, may_add: bool = False, popup: bool = False, **kwargs: Any) -> None:
        self.source = source
        self.may_add = may_add
        self.known: picks.Known | None = None  # a list looks its rows up at once
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", PickInput(source, popup=popup))
        super().__init__(**kwargs)
        self.widget.adds = may_add

    def prepare_value(self, value: Any) -> Any:
        """A row as the text that stands in the field."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int):
            row = self.source.model._default_manager.filter(pk=value).first()
            return "" if row is None else picks.text_of(row.pk, str(row))
        if isinstance(value, Newcomer):
            return value.name
        return picks.text_of(value.pk, str(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another thing stands there."""
        text = str(data or "").strip()
        if not text:
            return initial is not None
        pk = getattr(initial, "pk", initial)
        return pk is None or picks.bare_number(text) != pk

    def _clean_bound_field(self, bound: Any) -> Any:
        """What stood there and was not touched stays, though it may no longer be picked (merged since)."""
        initial = bound.initial
        if isinstance(initial, self.source.model) and not self.has_changed(initial, bound.data):
            return initial
        return self.clean(bound.data)

    def clean(self, value: Any) -> Any:
        """The row meant. Raises `ValidationError` when none or several could be."""
        text = clean_line(str(value or "")[: picks.LONGEST * 4])
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        number = picks.bare_number(text)
        if number is not None:
            row = self.source.get(number) if self.known is None else self.known.by_number.get(number)
            if row is None:
                raise ValidationError(f"Không có mục số {number}, hoặc mục đó đã gộp vào mục khác.", code="unknown")
            return row
        return self.named(text)

    def named(self, text: str) -> Any:
        """The only row that bears the name, or a `Newcomer`. Raises `ValidationError`."""
        rows = self.source.named(text) if self.known is None else self.known.named(text)
        return only_one(self.source, list(rows[:6]), text, may_add=self.may_add)


def only_one(source: picks.Source, rows: list[Any], text: str, *, may_add: bool) -> Any:
    """The row, if it is the only one that bears the name; a `Newcomer` if there is none. Raises `ValidationError`."""
    if len(rows) == 1:
        return rows[0]
    if rows:
        offered = "; ".join(picks.text_of(row.pk, str(row)) for row in rows)
        raise ValidationError(f"Có nhiều mục cùng tên. Hãy ghi rõ một mục: {offered}.", code="several")
    if not may_add:
        raise ValidationError(
            f"Không tìm thấy “{text}”. Hãy chọn một mục có sẵn hoặc ghi số của mục đó.", code="unknown"
        )
    limit = getattr(source.model._meta.get_field("name"), "max_length", None) or 120
    if len(text) > limit or len(fold(text)) > limit:
        raise ValidationError(f"Tên quá dài: tối đa {limit} ký tự.", code="max_length")
    return Newcomer(text)


class TagsField(forms.Field):
    """Tags, separated by commas; cleaned to a list of rows and `Newcomer`s without repetition."""

    MOST = 40

    def __init__(self, *, may_add: bool = True, **kwargs: Any) -> None:
        self.may_add = may_add
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", PickInput(picks.TAG, many=",", popup=True))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Rows as their names; by number where a name has a comma of its own."""
        if value is None or isinstance(value, str):
            return value
        return ", ".join(f"#{tag.pk}" if "," in tag.name else tag.name for tag in value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the list differs, the order not counted."""
        return {fold(name) for name in _names(self.prepare_value(initial) or "")} != {
            fold(name) for name in _names(str(data or ""))
        }

    def clean(self, value: Any) -> list[Any]:
        """The tags meant. Raises `ValidationError` beside the field."""
        found: dict[Any, Any] = {}
        names = _names(str(value or "")[:20_000])
        if len(names) > self.MOST:
            raise ValidationError(f"Nhiều từ khóa quá: tối đa {self.MOST}.", code="max_length")
        for name in names:
            number = picks.number_in(name)
            tag = picks.TAG.get(number) if number is not None else self._named(name)
            if tag is None:
                raise ValidationError(f"Không có từ khóa số {number}.", code="unknown")
            found.setdefault(tag.pk if not isinstance(tag, Newcomer) else fold(tag.name), tag)
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return list(found.values())

    def _named(self, name: str) -> Any:
        rows = list(picks.TAG.named(name)[:6])
        exact = [row for row in rows if row.name == name]
        if exact or rows:
            return (exact or rows)[0]
        return only_one(picks.TAG, rows, name, may_add=self.may_add)


def _names(text: str) -> list[str]:
    return [name for part in text.replace("\n", ",").split(",") if (name := clean_line(part))]
