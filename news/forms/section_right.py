"""Where somebody's role holds, as one row of a user's page."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from news.models import Section, SectionRight

EVERYWHERE = "tat-ca"


class WhereField(forms.ModelChoiceField):
    """A section, or all of them: said outright, since an empty choice is an empty row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Section.objects.select_related("parent").order_by("order", "id"),
            label="Chuyên mục",
            empty_label="Chọn chuyên mục",
            required=False,
            **kwargs,
        )

    def label_from_instance(self, section: Section) -> str:
        """Under the parent's name."""
        return f"{section.parent.name} › {section.name}" if section.parent else section.name

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another place was chosen."""
        return str(initial or "") != str(data or "")

    def clean(self, value: Any) -> Section | None:
        """The section; None for all. Raises `ValidationError` for none chosen."""
        if value == EVERYWHERE:
            return None
        section: Section | None = super().clean(value)
        if section is None:
            raise ValidationError("Hãy chọn một chuyên mục, hoặc mọi chuyên mục.", code="required")
        return section


class SectionRightForm(forms.ModelForm):
    """One row."""

    section = WhereField()

    class Meta:
        model = SectionRight
        fields = ["section"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.section_id is None:
            self.initial["section"] = EVERYWHERE
        field = cast(WhereField, self.fields["section"])
        choices: list[Any] = list(cast(Any, field.choices))
        field.widget.choices = [choices[0], (EVERYWHERE, "Mọi chuyên mục"), *choices[1:]]
