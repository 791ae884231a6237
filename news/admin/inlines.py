"""Rows in the stock forms of the desk: positions and spellings of a person, sections of a user."""

from typing import Any, ClassVar

from django.contrib import admin
from django.forms import Media
from django.http import HttpRequest

from news.admin.desk import FIELDS, RightsMixin, desk_field, offer_adding
from news.queries import picks
from news.services import registering


class DeskInline(RightsMixin, admin.TabularInline):
    """Rows without the stock scripts; an empty one waits below."""

    picked: ClassVar[dict[str, picks.Source]] = {}
    formfield_overrides = FIELDS
    template = "admin/desk/inline.html"
    extra = 1

    @property
    def media(self) -> Media:
        """None of the stock scripts."""
        return Media()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is in `picked` is typed and looked up."""
        field = desk_field(self, db_field, super().formfield_for_dbfield(db_field, request, **kwargs))
        if field is not None:
            field.help_text = ""
            offer_adding({db_field.name: field}, request)
        return field


def keep_rows(formset: Any) -> None:
    """Save the rows of an inline through the register's service."""
    for row in formset.save(commit=False):
        registering.keep(row)
    for row in formset.deleted_objects:
        row.delete()
