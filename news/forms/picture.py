"""Forms of the picture library: uploads, what is said of a picture, how it is cut, who is in it, another file."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from news import imaging
from news.forms.fields import LineField, LinesField, PickField
from news.forms.rows import RowForm, Rows
from news.models import Image, ImagePerson
from news.queries import picks

ACCEPT: Final = "image/jpeg,image/png,image/webp"
FILES_MAX: Final = 50
CROP_PARTS: Final = ("left", "top", "width")
_PART_LABELS: Final = {"left": "mép trái", "top": "mép trên", "width": "bề rộng"}
_ABOUT_FILES: Final = "JPEG, PNG hoặc WebP, mỗi tệp tối đa 25 MB. Vị trí chụp và thông tin máy ảnh sẽ bị xóa khỏi ảnh."


class FilesInput(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files; each is looked at, not the last one only. Cleaned to a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files. Raises `ValidationError`, which names the file."""
        sent = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not sent:
            super().clean(None, initial)
            return []
        if len(sent) > FILES_MAX:
            raise ValidationError(f"Nhiều tệp quá: mỗi lần tối đa {FILES_MAX} tệp.", code="max_length")
        faults = []
        for one in sent:
            try:
                super().clean(one, initial)
            except ValidationError as fault:
                faults += [f"{one.name[:80]}: {words}" if len(sent) > 1 else words for words in fault.messages]
        if faults:
            raise ValidationError([ValidationError(words, code="file") for words in faults])
        return sent


class AboutForm(forms.Form):
    """What is said of a picture; all three are needed before readers see it."""

    alt = LineField(
        label="Mô tả cho người không nhìn thấy ảnh",
        max_length=300,
        help_text="Nói ảnh cho thấy gì, một câu.",
        widget=forms.Textarea({"rows": 2}),
    )
    caption = LineField(label="Chú thích", max_length=500, widget=forms.Textarea({"rows": 2}))
    credit = LineField(label="Tác giả ảnh, nguồn", max_length=120)


class DescribeForm(AboutForm):
    """The same of a picture that is in the library; `seen` tells what stood there when the page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)

    def show_theirs(self, theirs: Mapping[str, str], seen: str) -> None:
        """Say beside each field what a colleague wrote there meanwhile; sent again, what is typed takes its place."""
        self.data = {**self.data, self.add_prefix("seen"): seen}
        for name, now in theirs.items():
            words = f"“{now}”" if now else "để trống"
            self.add_error(name, f"Có người vừa sửa thành {words}. Lưu lần nữa để thay bằng chữ của bạn.")


class ImageUploadForm(AboutForm):
    """New pictures. With one file everything is asked; with several a credit for all, the rest follows one by one."""

    upload = FilesField(
        label="Tệp ảnh",
        help_text=_ABOUT_FILES,
        widget=FilesInput({"accept": ACCEPT}),
        max_length=255,
        error_messages={"empty": "Tệp này rỗng.", "max_length": "Tên tệp quá dài."},
    )
    field_order = ("upload", "alt", "caption", "credit")

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        if files is not None and len(files.getlist("upload")) > 1:
            for name in ("alt", "caption", "credit"):
                self.fields[name].required = False

    @property
    def is_many(self) -> bool:
        """Whether several files came."""
        return len(self.files.getlist("upload")) > 1


class OneUploadForm(forms.Form):
    """One file, nothing said of it yet: what a script sends."""

    upload = forms.FileField(
        max_length=255, error_messages={"empty": "Tệp này rỗng.", "max_length": "Tên tệp quá dài."}
    )


class ReplaceForm(forms.Form):
    """Another file for the same picture."""

    upload = forms.FileField(
        label="Tệp ảnh mới",
        help_text=_ABOUT_FILES,
        widget=forms.FileInput({"accept": ACCEPT}),
        max_length=255,
        error_messages={"empty": "Tệp này rỗng.", "max_length": "Tên tệp quá dài."},
    )
    reason = LineField(
        label="Lý do thay", max_length=300, required=False, help_text="Ví dụ: bản chỉnh sáng, che biển số xe."
    )


def crop_field(name: str, part: str) -> str:
    """The name of the field for a part ("left", "top", "width") of a crop's box."""
    return f"crop_{name}_{part}"


class ImageForm(forms.ModelForm):
    """A picture's page: what is said of it, its focal point, a box for each crop (left open: by the focal point)."""

    class Meta:
        model = Image
        fields = ("alt", "caption", "credit", "taken_on", "focal_x", "focal_y")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("alt", "caption", "credit"):
            if name in self.fields:
                self.fields[name].required = True
        for name, words in (("focal_x", "ngang, từ trái sang"), ("focal_y", "dọc, từ trên xuống")):
            if name in self.fields:
                self.fields[name] = _thousandths(f"Điểm nhấn: {words}", required=True)
        if not self.instance.pk or "focal_x" not in self.fields:
            return
        for name, crop in imaging.CROPS.items():
            box = self.instance.crops.get(name)
            for place, part in enumerate(CROP_PARTS):
                field = _thousandths(f"{crop.label}: {_PART_LABELS[part]}", required=False)
                self.fields[crop_field(name, part)] = field
                self.initial[crop_field(name, part)] = box[place] if box else None

    def clean(self) -> dict[str, Any]:
        """The boxes, in their proportions, as the model keeps them."""
        data = super().clean() or self.cleaned_data
        if "focal_x" not in self.fields:
            return data
        crops: dict[str, list[int]] = {}
        for name in imaging.CROPS:
            names = [crop_field(name, part) for part in CROP_PARTS]
            if any(field in self.errors for field in names):
                continue
            left, top, width = (data.get(field) for field in names)
            if left is None and top is None and width is None:
                continue
            if left is None or top is None or width is None:
                empty = next(field for field in names if data.get(field) is None)
                self.add_error(empty, "Hãy điền đủ ba số của khung, hoặc bỏ trống cả ba.")
                continue
            try:
                box = imaging.fitted_box(
                    name, self.instance.width, self.instance.height, left=left, top=top, box_width=width
                )
            except imaging.BadCrop as fault:
                self.add_error(names[2], str(fault))
            else:
                crops[name] = list(box)
        data["crops"] = crops
        return data

    def crop_fields(self) -> Iterator[tuple[str, str, list[Any]]]:
        """Each crop's name, label and bound fields."""
        for name, crop in imaging.CROPS.items():
            if crop_field(name, "left") in self.fields:
                yield name, crop.label, [self[crop_field(name, part)] for part in CROP_PARTS]


def _thousandths(label: str, *, required: bool) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=0,
        max_value=1000,
        widget=forms.NumberInput({"class": "narrow", "inputmode": "numeric"}),
        error_messages={
            "invalid": "Hãy ghi một số nguyên.",
            "min_value": "Từ 0 đến 1000 (phần nghìn của cạnh ảnh).",
            "max_value": "Từ 0 đến 1000 (phần nghìn của cạnh ảnh).",
        },
    )


class LineupForm(RowForm):
    """Somebody in the picture: of the register, or by a name that is not in it."""

    class Meta:
        model = ImagePerson
        fields = ("person", "name", "position", "order")
        field_classes = {"name": LineField, "position": LinesField}

    person = PickField(picks.PERSON, label="Nhân sự (gõ tên để tìm)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" not in self.fields:
            return
        self.fields["person"].widget.attrs["data-fills"] = "position"
        self.fields["name"].required = False
        self.fields["name"].label = "Tên ghi trong chú thích"
        self.fields["name"].widget = forms.TextInput({"maxlength": 120})
        self.fields["position"].label = "Chức vụ hôm đó"
        self.fields["position"].widget = forms.Textarea({"rows": 1, "maxlength": 300})
        self.fields["order"].label = "Thứ tự"

    def clean(self) -> dict[str, Any]:
        """A post needs somebody who holds it."""
        data = super().clean() or self.cleaned_data
        if not data.get("person") and not data.get("name") and data.get("position"):
            self.add_error("name", "Hãy chọn nhân sự hoặc ghi tên người giữ chức vụ này.")
        return data

    def clean_position(self) -> str:
        """One line; several posts stand behind one another."""
        lines = str(self.cleaned_data.get("position") or "").splitlines()
        return ", ".join(line.strip() for line in lines if line.strip())[:300]

    @property
    def is_blank(self) -> bool:
        """A row that names nobody."""
        data = getattr(self, "cleaned_data", {})
        return super().is_blank or not (data.get("person") or data.get("name"))

    def _post_clean(self) -> None:
        """The name may come from the register: the model is checked when it is filled in."""
        self.instance.name = (
            self.cleaned_data.get("name") or getattr(self.cleaned_data.get("person"), "name", "") or "?"
        )
        super()._post_clean()  # type: ignore[misc]  # Django's own hook


class LineupRows(Rows):
    """The people of a picture, from left to right."""

    legend = "Người"
    kind = "lineup"

    def clean(self) -> None:
        """Nobody stands twice in one picture."""
        super().clean()
        self.refuse_repeated(
            lambda form: getattr(form.cleaned_data.get("person"), "pk", None), "Người này đã có ở trên.", field="person"
        )
