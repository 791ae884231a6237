"""Lists that never count and never skip: a page is what lies before or after a row, along an index."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.http import HttpRequest

BEFORE, AFTER = "truoc", "sau"
"""The row's number after `?truoc=` (`?sau=`): the page shows what comes before (after) it, as the column counts."""


class CursorChangeList(ChangeList):
    """A list ordered by `model_admin.cursor`: an indexed column and, unless it is the key itself, the key after it.

    "-pk" shows the newest first; "name_key" goes from a to z. Unknown parameters change nothing.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.before = _number(request.GET.get(BEFORE))
        self.after = _number(request.GET.get(AFTER)) if self.before is None else None
        self.has_next = self.has_previous = False
        super().__init__(request, *args, **kwargs)

    @property
    def descends(self) -> bool:
        """Whether the newest comes first."""
        return bool(self.model_admin.cursor.startswith("-"))

    @property
    def column(self) -> str:
        """The column of the order."""
        return str(self.model_admin.cursor.removeprefix("-"))

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Only what a filter of this list asks for: no look-up of the visitor's invention reaches the database."""
        known = {name for found in self.list_filter for name in [getattr(found, "parameter_name", None)] if name}
        return {name: value for name, value in (params or self.filter_params).items() if name in known}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Filtered, searched, in order; a link to another filter starts at the top again."""
        for name in (BEFORE, AFTER):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return self.model_admin.for_list(super().get_queryset(request, exclude_parameters))

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        """The cursor's order and no other."""
        return self._order(self.descends)

    def _order(self, descends: bool) -> list[str]:  # noqa: FBT001 - the direction is what the caller knows
        names = [self.column] if self.column == "pk" else [self.column, "pk"]
        return [f"-{name}" if descends else name for name in names]

    def get_results(self, request: HttpRequest) -> None:
        """One page and one row more, which says whether there is another page."""
        edge = self.before if self.before is not None else self.after
        toward_less = self.before is not None
        backward = edge is not None and toward_less != self.descends
        rows = self.queryset
        if edge is not None:
            rows = rows.filter(self._beyond(edge, toward_less=toward_less))
        order = self._order(self.descends != backward)
        rows = rows.order_by(*order)[: self.list_per_page + 1]
        if self.query or self.has_active_filters:
            rows = self._fetched(rows).order_by(*order)
        found = list(rows)
        has_more = len(found) > self.list_per_page
        found = found[: self.list_per_page]
        if backward:
            found.reverse()
        self.has_next = True if backward else has_more
        self.has_previous = has_more if backward else edge is not None
        self.result_list = found  # type: ignore[assignment]  # a list is all that the templates ask for
        self.result_count = len(found)
        self.full_result_count = None
        self.show_full_result_count = self.show_admin_actions = self.can_show_all = self.multi_page = False

    def _fetched(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """The found rows with everything a list shows of them, in the same statement.

        Searching and filtering read nothing but keys, so that the database answers from an index that holds what is
        asked; the rows, long texts and all, are read only for the page that is shown.
        """
        rows = self.root_queryset.filter(pk__in=found.values("pk"))
        return self.model_admin.for_list(rows if rows.query.select_related else self.apply_select_related(rows))

    def _beyond(self, edge: int, *, toward_less: bool) -> Q:
        compare = "lt" if toward_less else "gt"
        if self.column == "pk":
            return Q(**{f"pk__{compare}": edge})
        key = self.model._default_manager.filter(pk=edge).values_list(self.column, flat=True).first()
        if key is None:
            return Q()
        return Q(**{f"{self.column}__{compare}e": key}) & (
            Q(**{f"{self.column}__{compare}": key}) | Q(**{f"pk__{compare}": edge})
        )

    @property
    def next_address(self) -> str:
        """The query string of the page below; "" where there is none."""
        return self._address(-1, BEFORE if self.descends else AFTER) if self.has_next else ""

    @property
    def previous_address(self) -> str:
        """The query string of the page above; "" where there is none."""
        return self._address(0, AFTER if self.descends else BEFORE) if self.has_previous else ""

    def _address(self, row: int, name: str) -> str:
        return self.get_query_string({name: self.result_list[row].pk}) if self.result_list else ""


def equal_to(request: HttpRequest, rows: QuerySet[Any], column: str, value: Any) -> QuerySet[Any]:
    """The rows with that value in a column, for a filter of a list whose search index holds the column.

    Alone it goes along the column's own index. Together with words or another filter the column is wrapped so that its
    index is not used: however tempting that looks to the planner, it would lead row by row through the whole table,
    while the search index answers everything that is asked by itself.
    """
    others = [name for name in request.GET if name not in {BEFORE, AFTER} and (request.GET.get(name) or "").strip()]
    if len(others) < 2:
        return rows.filter(**{column: value})
    return rows.filter(Exact(Coalesce(F(column), F(column)), value))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
