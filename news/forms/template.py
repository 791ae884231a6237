"""The form of a start for new articles."""

from django import forms

from news.forms.article import SectionField
from news.forms.fields import LineField, LinesField, ProseField
from news.models import ArticleTemplate, Section


class TemplateForm(forms.ModelForm):
    """What a new article of a kind begins with; brackets are questions to the writer."""

    body = ProseField(label="Nội dung", required=False)
    section = SectionField(
        queryset=Section.objects.select_related("parent").order_by("order", "id"),
        label="Chuyên mục",
        empty_label="Người viết tự chọn",
        required=False,
    )

    class Meta:
        model = ArticleTemplate
        fields = [
            "name",
            "hint",
            "title",
            "kicker",
            "lead",
            "body",
            "genre",
            "section",
            "tags",
            "opens_delegation",
            "order",
            "is_offered",
        ]
        field_classes = {
            "name": LineField,
            "hint": LineField,
            "title": LineField,
            "kicker": LineField,
            "lead": LinesField,
            "tags": LineField,
        }
        widgets = {"lead": forms.Textarea({"rows": 3}), "order": forms.NumberInput({"class": "narrow"})}
        help_texts = {
            "title": "Chỗ phải điền để trong ngoặc vuông: [cơ quan]. Còn chỗ chưa điền thì bài chưa đăng được.",
            "order": "Số nhỏ đứng trước.",
            "is_offered": "Bỏ đánh dấu thì mẫu không hiện khi viết bài mới.",
        }

    def clean_body(self) -> str:
        """A template's text is as long as its column."""
        body: str = self.cleaned_data["body"]
        longest = ArticleTemplate._meta.get_field("body").max_length or 0
        if len(body) > longest:
            raise forms.ValidationError("Nội dung quá dài.", code="max_length")
        return body

    def clean_tags(self) -> str:
        """Names with one comma between."""
        return ", ".join(name for part in self.cleaned_data["tags"].split(",") if (name := part.strip()))
