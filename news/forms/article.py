"""The article's form: the desk's copy with its byline, tags, pictures, delegations and neighbours, saved in one go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import inlineformset_factory
from django.utils.datastructures import MultiValueDict

from accounts.forms import BoundedChoices
from accounts.models import User
from news.forms.delegation import Blocks
from news.forms.fields import (
    BodyField,
    BodyInput,
    DayField,
    DayInput,
    LineField,
    LinesField,
    MomentField,
    MomentInput,
    Newcomer,
    PickField,
    TagsField,
)
from news.forms.files import AttachmentSet
from news.forms.rows import CalmForm, RowForm, Rows, check_rows
from news.models import Article, Attachment, Contribution, Delegation, GalleryImage, Provenance, RelatedPick, Section
from news.queries import picks
from news.queries.readiness import words
from news.services import registering
from news.workflow import Transition


class SectionChoiceMixin:
    """Sections under their parents' names."""

    def label_from_instance(self, section: Section) -> str:
        """ "Chính trị › Xây dựng Đảng"."""
        return f"{section.parent.name} › {section.name}" if section.parent else section.name


class SectionField(SectionChoiceMixin, forms.ModelChoiceField):
    """One section."""


class SectionsField(SectionChoiceMixin, BoundedChoices):
    """Several sections."""


def _sections() -> QuerySet[Section]:
    return Section.objects.select_related("parent").order_by("order", "id")


class ArticleForm(CalmForm):
    """The article's own fields. `version` is the one that was loaded."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    section = SectionField(queryset=_sections(), label="Chuyên mục", empty_label="Chọn chuyên mục")
    other_sections = SectionsField(
        queryset=_sections(), label="Đăng cả ở", required=False, widget=forms.CheckboxSelectMultiple
    )
    lead_image = PickField(picks.IMAGE, popup=True, label="Ảnh chính")
    tags = TagsField(label="Từ khóa", help_text="Cách nhau bằng dấu phẩy. Từ chưa có sẽ được thêm.")
    known_delegation = PickField(
        picks.DELEGATION, label="Thêm đoàn đã có", help_text="Lưu bài để sửa thành phần của đoàn vừa thêm."
    )
    ai_reviewed_by = PickField(picks.COLLEAGUE, label="Người kiểm tra phần dùng trí tuệ nhân tạo")

    class Meta:
        model = Article
        fields = [
            "title",
            "kicker",
            "lead",
            "body",
            "section",
            "genre",
            "event_on",
            "lead_image",
            "lead_image_caption",
            "allow_comments",
            "provenance",
            "source_name",
            "source_url",
            "source_agreement",
            "source_published_at",
            "ai_used",
            "ai_note",
            "ai_reviewed_by",
        ]
        field_classes = {
            "title": LineField,
            "kicker": LineField,
            "lead": LinesField,
            "body": BodyField,
            "lead_image_caption": LineField,
            "source_name": LineField,
            "source_agreement": LineField,
            "ai_note": LineField,
            "event_on": DayField,
            "source_published_at": MomentField,
        }
        widgets = {
            "body": BodyInput,
            "title": forms.Textarea({"rows": 2, "class": "title-input", "data-count": words.TITLE_LIMIT}),
            "kicker": forms.TextInput({"data-count": words.KICKER_LIMIT}),
            "lead": forms.Textarea({"rows": 4, "data-count": words.LEAD_LIMIT}),
            "event_on": DayInput,
            "source_published_at": MomentInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        saved = self.instance.pk is not None
        self.initial["version"] = self.instance.version if saved else 0
        self.initial["lead_image"] = self.instance.lead_image if saved else None
        self.initial["ai_reviewed_by"] = self.instance.ai_reviewed_by if saved else None
        self.initial["tags"] = (
            list(self.instance.tags.order_by("kind", "id")) if saved else self.initial.get("tags", [])
        )
        self.initial["other_sections"] = list(self.instance.other_sections.all()) if saved else []
        self.fields["event_on"].widget.attrs["data-day-of-event"] = ""
        self.fields["event_on"].help_text = "Chức vụ đại biểu lấy theo ngày này."
        provenance = cast(forms.ChoiceField, self.fields["provenance"])
        if not (saved and self.instance.provenance == Provenance.IMPORT):
            provenance.choices = [pair for pair in Provenance.choices if pair[0] != Provenance.IMPORT]

    def clean(self) -> dict[str, Any]:
        """What hangs together."""
        data = super().clean() or self.cleaned_data
        if data.get("ai_used") and "ai_note" in data and not data["ai_note"]:
            self.add_error("ai_note", "Hãy ghi công cụ và việc đã dùng trí tuệ nhân tạo.")
        return data

    @property
    def seen_version(self) -> int:
        """The version whose replacement the user agrees to."""
        return self.cleaned_data.get("version") or 0

    @property
    def has_content_changed(self) -> bool:
        """Whether anything but the version differs."""
        return bool(set(self.changed_data) - {"version"})

    def write_related(self, article: Article) -> None:
        """Tags and further sections; new tags are made."""
        article.other_sections.set(self.cleaned_data["other_sections"])
        article.tags.set(
            {registering.tag_named(tag.name) if isinstance(tag, Newcomer) else tag for tag in self.cleaned_data["tags"]}
        )


# --- Rows ------------------------------------------------------------------------------------------------


class ContributionForm(RowForm):
    """One name of the byline."""

    author = PickField(picks.AUTHOR, may_add=True, required=True, label="Tên ký")

    class Meta:
        model = Contribution
        fields = ["kind", "order"]

    field_order = ["author", "kind", "order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["author"] = self.instance.author if self.instance.pk else None


class ContributionRows(Rows):
    """The byline."""

    legend = "Tên ký"
    kind = "byline"

    def clean(self) -> None:
        """No name twice for the same part."""
        super().clean()
        self.refuse_repeated(
            lambda form: (_identity(form.cleaned_data.get("author")), form.cleaned_data.get("kind")),
            "Tên này đã có trong bài với cùng phần việc.",
            field="author",
        )

    def write_for(self, article: Article) -> None:
        """Keep the byline; a name nobody has signed with yet becomes a pen name."""

        def prepare(row: Contribution, data: Mapping[str, Any]) -> None:
            author = data["author"]
            row.author = registering.author_named(author.name) if isinstance(author, Newcomer) else author

        self.write(article, prepare)


class GalleryForm(RowForm):
    """One picture of the gallery."""

    image = PickField(picks.IMAGE, popup=True, required=True, label="Ảnh")

    class Meta:
        model = GalleryImage
        fields = ["caption", "order"]
        field_classes = {"caption": LineField}

    field_order = ["image", "caption", "order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["image"] = self.instance.image if self.instance.pk else None


class GalleryRows(Rows):
    """The gallery."""

    legend = "Ảnh"
    kind = "gallery"

    def clean(self) -> None:
        """No picture twice."""
        super().clean()
        self.refuse_repeated(
            lambda form: _identity(form.cleaned_data.get("image")), "Ảnh này đã có trong chùm ảnh.", field="image"
        )

    def write_for(self, article: Article) -> None:
        """Keep the gallery."""

        def prepare(row: GalleryImage, data: Mapping[str, Any]) -> None:
            row.image = data["image"]

        self.write(article, prepare)


class RelatedForm(RowForm):
    """One article put beside this one."""

    target = PickField(picks.ARTICLE, required=True, label="Bài liên quan")

    class Meta:
        model = RelatedPick
        fields = ["order"]

    field_order = ["target", "order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["target"] = self.instance.target if self.instance.pk else None


class RelatedRows(Rows):
    """The articles put beside this one."""

    legend = "Bài liên quan"
    kind = "related"

    def clean(self) -> None:
        """No article twice, nor this one."""
        super().clean()
        for form in self.kept():
            if self.instance.pk and _identity(form.cleaned_data.get("target")) == self.instance.pk:
                form.add_error("target", ValidationError("Một bài không liên quan đến chính nó.", code="itself"))
        self.refuse_repeated(
            lambda form: _identity(form.cleaned_data.get("target")), "Bài này đã có trong danh sách.", field="target"
        )

    def write_for(self, article: Article) -> None:
        """Keep the list."""

        def prepare(row: RelatedPick, data: Mapping[str, Any]) -> None:
            row.target = data["target"]

        self.write(article, prepare)


def _identity(picked: Any) -> Any:
    return picked.name if isinstance(picked, Newcomer) else getattr(picked, "pk", None)


_rows = partial(inlineformset_factory, Article, extra=1, can_delete=True, max_num=100, absolute_max=100)
BylineSet: Any = _rows(Contribution, form=ContributionForm, formset=ContributionRows)
GallerySet: Any = _rows(GalleryImage, form=GalleryForm, formset=GalleryRows)
RelatedSet: Any = _rows(RelatedPick, form=RelatedForm, formset=RelatedRows, fk_name="article")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a save was refused for: the id of its field on the page, what the field is called, what is wrong."""

    target: str
    label: str
    message: str


class ArticleDesk:
    """The whole page of an article as one form: its fields, its rows, its delegations."""

    def __init__(
        self,
        article: Article,
        *,
        user: User,
        data: MultiValueDict[str, str] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        if data is not None:
            check_rows(data)
        granted = user.granted_permissions
        saved = article.pk is not None
        self.article = article
        self.form = ArticleForm(data, instance=article, initial=dict(initial or {}))
        self.byline = BylineSet(
            data,
            instance=article,
            prefix="ten-ky",
            queryset=Contribution.objects.select_related("author").order_by("order", "id"),
        )
        self.gallery = GallerySet(
            data,
            instance=article,
            prefix="chum-anh",
            queryset=GalleryImage.objects.select_related("image").order_by("order", "id"),
        )
        self.related = RelatedSet(
            data,
            instance=article,
            prefix="lien-quan",
            queryset=RelatedPick.objects.select_related("target").order_by("order", "id"),
        )
        self.attachments = AttachmentSet(data, instance=article, queryset=Attachment.objects.order_by("order", "id"))
        for form in self.attachments.forms:
            form.fields["upload"].actor = user
        whole = Delegation.objects.select_related("visiting_organisation", "host_organisation")
        self.delegations = Blocks(
            list(whole.filter(articles=article).order_by("from_on", "id")) if saved else [],
            data,
            may_change="news.change_delegation" in granted,
            may_add="news.add_delegation" in granted,
        )
        for form in self.byline.forms:
            form.fields["author"].may_add = "news.add_author" in granted
        cast(TagsField, self.form.fields["tags"]).may_add = "news.add_tag" in granted
        self.rows = (self.byline, self.gallery, self.related, self.attachments)

    def all_fields(self) -> Iterator[dict[str, Any]]:
        """The fields of every form on the page, those of rows yet to come included."""
        yield self.form.fields
        rows = [*self.rows, *(block.rows for block in self.delegations.all)]
        yield from (form.fields for some in rows for form in (*some.forms, some.empty_form))
        yield from (block.form.fields for block in self.delegations.all)

    def is_valid(self) -> bool:
        """Whether all of it can be kept; every part is looked at, so that every fault is shown."""
        return all([self.form.is_valid(), *(rows.is_valid() for rows in self.rows), self.delegations.is_valid()])

    @property
    def has_changed(self) -> bool:
        """Whether anything differs from what was loaded."""
        return (
            self.form.has_content_changed
            or any(rows.has_changed() for rows in self.rows)
            or (self.delegations.has_changed)
        )

    @property
    def has_source(self) -> bool:
        """Whether the part about the source has something to show."""
        names = ("source_name", "source_url", "source_agreement", "source_published_at")
        return any(self.form[name].value() or self.form[name].errors for name in names) or (
            self.form["provenance"].value() != Provenance.DESK
        )

    @property
    def has_ai(self) -> bool:
        """Whether the part about artificial intelligence has something to show."""
        names = ("ai_used", "ai_note", "ai_reviewed_by")
        return any(self.form[name].value() or self.form[name].errors for name in names)

    @property
    def error_count(self) -> int:
        """How many fields have something wrong with them."""
        parts = [self.form, *(form for rows in self.rows for form in rows.forms)]
        for block in self.delegations.all:
            if not block.leaves and (block.delegation or block.has_changed):
                parts += [block.form, *block.rows.forms]
        loose = sum(len(rows.non_form_errors()) for rows in self.rows)
        return sum(len(part.errors) for part in parts) + loose

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, field by field, in the order of the page."""
        found = []
        named: list[tuple[str, Any]] = [("", self.form)]
        named += [(f"{rows.legend} {n}", form) for rows in self.rows for n, form in enumerate(rows.forms, start=1)]
        for block in self.delegations.all:
            if not block.leaves and (block.delegation or block.has_changed):
                where = block.delegation.name if block.delegation else "Đoàn mới"
                named.append((where, block.form))
                named += [(f"{where}, đại biểu {n}", form) for n, form in enumerate(block.rows.forms, start=1)]
        for where, form in named:
            for name, errors in form.errors.items():
                if name in form.fields:
                    label = str(form[name].label)
                    found += [
                        Fault(form[name].auto_id, f"{where}: {label}" if where else label, str(error))
                        for error in errors
                    ]
        return found

    def copy_files_ahead(self) -> None:
        """What takes long is done before the service's transaction. Raises `NotAllowed` when a chosen file is gone."""
        self.attachments.copy_ahead()

    def write_related(self, article: Article) -> None:
        """Keep everything that belongs to the saved article; runs in the service's transaction."""
        self.form.write_related(article)
        for rows in self.rows:
            rows.write_for(article)
        day: date | None = article.event_on
        stay, leave = self.delegations.write(day)
        known = self.form.cleaned_data["known_delegation"]
        article.delegations.add(*stay, *([known] if known else []))
        article.delegations.remove(*leave)


class StepForm(forms.Form):
    """What a step of the workflow asks before it is taken."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, step: Transition, at: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step.needs_time:
            self.fields["moment"] = MomentField(
                label="Đến lúc" if step.name == "expire" else "Vào lúc",
                help_text="Giờ Việt Nam, ví dụ: 20/5/2027 08:00.",
            )
        if step.needs_reason or step.name in {"cancel", "expire"}:
            self.fields["reason"] = LinesField(
                label="Lý do",
                max_length=1000,
                required=step.needs_reason,
                widget=forms.Textarea({"rows": 4}),
                help_text="Người viết và những người duyệt đọc được."
                if step.name == "return"
                else "Ghi vào lịch sử bài.",
            )
