"""Files chosen in forms: held by the server at once, told in the form by a token; documents of an article, recordings.

A form never carries a file past its door: `receive` holds what came with the POST and puts the token where the script
of the page (`static/js/desk/files.js`) puts it too. From there on a chosen file is a line of text like any other field:
a form with errors, a draft, a conflict keep it.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.models import inlineformset_factory
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import User
from news import filetypes
from news.forms.fields import LineField, LinesField, PickField
from news.forms.rows import RowForm, Rows
from news.models import Article, Attachment, Recording, RecordingKind
from news.queries import picks
from news.services import filing
from news.services.filing import BadFile, Held
from news.services.sealing import attachment_json
from news.workflow import NotAllowed

TOKEN, REFUSED = "-giu", "-loi"
"""What is added to a field's name for the token of its held file, and for why a file was not taken."""


def desk_address(key: str, name: str) -> str:
    """Where the desk shows a document or a recording, public or not."""
    return reverse("admin:file", args=[key, name])


def receive(request: HttpRequest, actor: User) -> None:
    """Hold every file that came with a form and say so in the form's own data; the files go no further."""
    if not request.FILES:
        return
    data = request.POST.copy()
    for name, uploads in request.FILES.lists():
        for upload in uploads[:1]:  # one file a field; a second one is no answer to it
            try:
                data[name + TOKEN] = filing.hold(upload=upload, kinds=_ALL, actor=actor).token
                data.pop(name + REFUSED, None)
            except (BadFile, NotAllowed) as error:
                data[name + REFUSED] = str(error)
    request.POST = data  # type: ignore[assignment]  # as Django's own parser sets it


_ALL = filing.DOCUMENTS | filing.PLAYED


class HeldFileInput(forms.FileInput):
    """A file field, the token of what it holds, and words about both."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self.kinds = frozenset(kinds)
        self.actor: User | None = None
        self.current: Mapping[str, str] | None = None
        taken = [found for found in filetypes.TYPES if found.kind in self.kinds]
        super().__init__({"accept": ",".join(f".{found.extension}" for found in taken)})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The token, and why a file was refused."""
        return data.get(name + TOKEN, "") or "", data.get(name + REFUSED, "") or ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the form says nothing about a file."""
        return name + TOKEN not in data

    def format_value(self, value: Any) -> Any:
        """The file in words: what two states of a form are compared by."""
        token = value[0] if isinstance(value, tuple) else ""
        held = self._held(token)
        return held.words if held else (self.current or {}).get("words", "")

    def _held(self, token: str) -> Held | None:
        if not token or self.actor is None:
            return None
        try:
            return filing.held_in(token, kinds=self.kinds, actor=self.actor)
        except BadFile:
            return None

    def use_required_attribute(self, initial: Any) -> bool:
        """Left to the server: a held file is there though the field looks empty."""
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The field with its words."""
        token = value[0] if isinstance(value, tuple) else ""
        held = self._held(token)
        context = {
            "name": name,
            "token_name": name + TOKEN,
            "attrs": {**self.attrs, **(attrs or {})},
            "address": reverse("admin:hold"),
            "kinds": " ".join(sorted(self.kinds)),
            "most": max(settings.FILE_MAX_BYTES[kind] for kind in self.kinds),
            "current": self.current,
            "token": token if held else "",
            "held": held,
        }
        return render_to_string("admin/desk/_held_file.html", context)


class HeldFileField(forms.Field):
    """One file of these kinds; cleaned to what is held, or None. Whoever shows the form says who its `actor` is."""

    def __init__(self, kinds: Iterable[str], **kwargs: Any) -> None:
        self.kinds = frozenset(kinds)
        kwargs.setdefault("widget", HeldFileInput(self.kinds))
        super().__init__(**kwargs)

    @property
    def actor(self) -> User | None:
        """Whose form it is: a file that somebody else chose is none of theirs."""
        return cast(HeldFileInput, self.widget).actor

    @actor.setter
    def actor(self, user: User) -> None:
        cast(HeldFileInput, self.widget).actor = user

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether a file was chosen."""
        return any(data or ())

    def clean(self, value: Any) -> Held | None:
        """What is held. Raises `ValidationError`."""
        token, refusal = value or ("", "")
        if refusal:
            raise ValidationError(refusal[:300], code="refused")
        if not token:
            if self.required:
                raise ValidationError("Hãy chọn tệp.", code="required")
            return None
        if self.actor is None:
            raise ValidationError("Hãy chọn lại tệp.", code="refused")
        try:
            return filing.held_in(token, kinds=self.kinds, actor=self.actor)
        except BadFile as error:
            raise ValidationError(str(error), code="refused") from error


# --- Documents of an article -----------------------------------------------------------------------------


class AttachmentForm(RowForm):
    """One document: its name for readers, its file."""

    upload = HeldFileField(filing.DOCUMENTS, required=False, label="Tệp (PDF, DOCX, XLSX)")

    class Meta:
        model = Attachment
        fields = ["title", "order"]
        field_classes = {"title": LineField}

    field_order = ["upload", "title", "order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].widget.attrs["data-named-by-file"] = ""
        if self.instance.pk:
            told = attachment_json(self.instance)
            found = filetypes.type_of(told["content_type"])
            self.fields["upload"].label = "Thay bằng tệp khác"
            self.fields["upload"].widget.current = {
                "address": desk_address(told["sha256"][:40], told["name"]),
                "words": f"{found.name if found else ''}, {filetypes.size_in_words(told['byte_count'])}",
            }

    def clean(self) -> dict[str, Any]:
        """A document has a file; without a name of its own it bears that of its file."""
        data = super().clean() or self.cleaned_data
        held = data.get("upload")
        if not self.instance.pk and held is None and "upload" not in self.errors:
            self.add_error("upload", ValidationError("Hãy chọn tệp cho tài liệu này.", code="required"))
        if not data.get("title") and "title" not in self.errors:
            data["title"] = held.name if held else self.instance.title
        return data


class AttachmentRows(Rows):
    """The documents that go with an article."""

    legend = "Tài liệu"
    kind = "attachments"

    def clean(self) -> None:
        """No document twice."""
        super().clean()
        self.refuse_repeated(_content_of, "Tài liệu này đã có trong bài.", field="upload")

    def copy_ahead(self) -> None:
        """Copy the chosen files where they stay, before the save locks anything. Raises `NotAllowed` for one gone."""
        try:
            filing.copy_ahead(held for form in self.kept() if (held := form.cleaned_data.get("upload")))
        except BadFile as error:
            raise NotAllowed(str(error)) from error

    def write_for(self, article: Article) -> None:
        """Keep the list. Raises `NotAllowed` when a chosen file is gone."""

        def prepare(row: Attachment, data: Mapping[str, Any]) -> None:
            row.title = data["title"]
            if data["upload"] is not None:
                try:
                    filing.attach(row, data["upload"])
                except BadFile as error:
                    raise NotAllowed(str(error)) from error

        self.write(article, prepare)


def _content_of(form: Any) -> str | None:
    held = form.cleaned_data.get("upload")
    return held.sha256 if held else form.instance.content_sha256 or None


AttachmentSet: Any = partial(
    inlineformset_factory(
        Article,
        Attachment,
        form=AttachmentForm,
        formset=AttachmentRows,
        extra=1,
        can_delete=True,
        max_num=settings.ATTACHMENTS_MOST,
        validate_max=True,
        absolute_max=2 * settings.ATTACHMENTS_MOST,
    ),
    prefix="tai-lieu",
)


# --- Recordings ------------------------------------------------------------------------------------------


class RecordingForm(forms.ModelForm):
    """What is said of a film or a sound."""

    poster = PickField(
        picks.IMAGE, popup=True, label="Ảnh bìa", help_text="Phim cần ảnh bìa: bạn đọc thấy trước khi xem."
    )
    is_silent = forms.BooleanField(label="Trong phim, bản ghi không có lời nói", required=False)

    class Meta:
        model = Recording
        fields = ["title", "caption", "credit", "transcript"]
        field_classes = {"title": LineField, "caption": LineField, "credit": LineField, "transcript": LinesField}
        widgets = {"transcript": forms.Textarea({"rows": 8})}

    field_order = ["upload", "title", "poster", "caption", "credit", "transcript", "is_silent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "caption"):
            self.fields[name].widget.attrs["size"] = 80
        if self.instance.pk:
            self.initial["poster"] = self.instance.poster
            self.initial["is_silent"] = filing.is_silent(self.instance)
            if self.initial["is_silent"]:
                self.initial["transcript"] = ""

    @property
    def is_video(self) -> bool:
        """Whether there is something to see."""
        return bool(self.instance.kind == RecordingKind.VIDEO)

    def clean(self) -> dict[str, Any]:
        """A film has a poster; what is said in it stands there in words, or that nothing is."""
        data = super().clean() or self.cleaned_data
        if self.is_video and not data.get("poster") and "poster" not in self.errors:
            self.add_error("poster", ValidationError("Hãy chọn ảnh bìa cho phim.", code="required"))
        if data.get("is_silent"):
            if data.get("transcript"):
                self.add_error("is_silent", "Đã có lời thì hãy bỏ chọn mục này, hoặc xóa phần lời.")
            data["transcript"] = filing.NO_SPEECH
        elif not data.get("transcript") and "transcript" not in self.errors:
            self.add_error(
                "transcript",
                ValidationError(
                    "Hãy ghi lời cho người không nghe được, hoặc đánh dấu là không có lời nói.", code="required"
                ),
            )
        self.instance.poster = data.get("poster")
        return data


class NewRecordingForm(RecordingForm):
    """A film or a sound with its file."""

    upload = HeldFileField(filing.PLAYED, label="Tệp (MP4, M4A, MP3)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].widget.attrs["data-named-by-file"] = ""
        most = {kind: limit // 1024 // 1024 for kind, limit in settings.FILE_MAX_BYTES.items()}
        self.fields["upload"].help_text = (
            f"Phim: MP4 (H.264, AAC), tối đa {most['video']} MB. Âm thanh: M4A, MP3, tối đa {most['audio']} MB. "
            "Nơi quay và tên máy ghi trong tệp được xóa."
        )

    @property
    def is_video(self) -> bool:
        """As the chosen file says."""
        held = self.cleaned_data.get("upload")
        return held is not None and held.type.kind == filetypes.VIDEO

    def clean(self) -> dict[str, Any]:
        """Without a name of its own it bears that of its file."""
        data = super().clean()
        held = data.get("upload")
        if held and not data.get("title") and "title" not in self.errors:
            data["title"] = held.name
        return data
