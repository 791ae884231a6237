"""Delegations and who attended, on their own page and in place on an article's page."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import inlineformset_factory
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from news.forms.fields import DayField, DayInput, LineField, LinesField, Newcomer, PickField
from news.forms.rows import CalmForm, RowForm, Rows
from news.models import Attendee, Delegation, Organisation, Person, Role
from news.queries import picks
from news.services import attending
from news.services.registering import keep
from news.text.normalize import fold


def registered(picked: Any, source: picks.Source, model: type[Any]) -> Any:
    """The row of what was picked; a newcomer is entered in the register, once."""
    if not isinstance(picked, Newcomer):
        return picked
    return source.named(picked.name).first() or keep(model(name=picked.name))


class DelegationForm(CalmForm):
    """Who came, to whom, where, when and why."""

    visiting_organisation = PickField(picks.ORGANISATION, may_add=True, label="Cơ quan cử đoàn")
    host_organisation = PickField(picks.ORGANISATION, may_add=True, label="Cơ quan tiếp đoàn")

    class Meta:
        model = Delegation
        fields = ["name", "from_on", "to_on", "date_text", "places", "purpose"]
        field_classes = {
            "name": LineField,
            "date_text": LineField,
            "purpose": LineField,
            "places": LinesField,
            "from_on": DayField,
            "to_on": DayField,
        }
        widgets = {"from_on": DayInput, "to_on": DayInput, "places": forms.Textarea({"rows": 2})}

    field_order = ["name", "visiting_organisation", "host_organisation", "from_on", "to_on", "date_text", "places"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("visiting_organisation", "host_organisation"):
            self.initial[name] = getattr(self.instance, name) if self.instance.pk else None
        self.fields["from_on"].widget.attrs["data-day-of-event"] = ""

    def write(self) -> Delegation:
        """Keep the delegation, and the organisations named for the first time."""
        for name in ("visiting_organisation", "host_organisation"):
            setattr(self.instance, name, registered(self.cleaned_data[name], picks.ORGANISATION, Organisation))
        return keep(cast(Delegation, self.instance))


class AttendeeForm(RowForm):
    """One line: a person with the posts of that day, or a group that is not named."""

    person = PickField(picks.PERSON, may_add=True, label="Nhân sự")

    class Meta:
        model = Attendee
        fields = ["name", "positions", "group", "side", "role", "order"]
        field_classes = {"name": LineField, "group": LineField, "positions": LinesField}
        widgets = {"positions": forms.Textarea({"rows": 2})}
        help_texts = {"positions": "", "group": ""}
        labels = {"name": "Tên như khi in"}

    field_order = ["person", "name", "side", "positions", "role", "order", "group"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["person"] = self.instance.person if self.instance.pk else None
        if self.instance.pk and self.instance.group:
            for name in ("person", "name", "positions"):
                del self.fields[name]
            return
        if self.instance.pk:
            del self.fields["group"]
        self.fields["name"].widget.attrs["placeholder"] = "theo danh bạ"
        self.fields["positions"].widget.attrs["placeholder"] = "để trống: chức vụ của ngày làm việc"
        self.fields["person"].widget.attrs |= {"data-fills": "positions", "placeholder": "gõ tên để tìm"}

    def clean(self) -> dict[str, Any]:
        """A person or a group; a name typed without a person is looked up, or is a newcomer to the register."""
        data = super().clean() or self.cleaned_data
        person, group = data.get("person"), data.get("group")
        if "person" in self.errors or data.get("DELETE"):
            return data
        if "person" not in self.fields:
            if not group:
                self.add_error("group", "Hãy ghi nhóm, hoặc bỏ dòng này.")
            return data
        if group:
            if person or data.get("name") or data.get("positions"):
                self.add_error("group", "Mỗi dòng là một người hoặc một nhóm không nêu tên, không phải cả hai.")
            return data
        if person is None and data.get("name"):
            try:
                data["person"] = cast(PickField, self.fields["person"]).named(data["name"])
            except ValidationError as error:
                self.add_error("person", error)
        elif person is None:
            self.add_error("person", "Hãy ghi một người, hoặc một nhóm không nêu tên.")
        elif self.instance.pk and "person" in self.changed_data:
            # Another person stands here now: what was printed of the one before goes, unless it was typed anew.
            for name in ("name", "positions"):
                if name not in self.changed_data:
                    data[name] = ""
        return data


class AttendeeRows(Rows):
    """The list of one delegation."""

    legend = "Đại biểu"
    kind = "people"

    def full_clean(self) -> None:
        """All the people that the rows name are looked up at once."""
        if self.is_bound:
            texts = [self.data.get(form.add_prefix(name)) for form in self.forms for name in ("person", "name")]
            known = picks.known_people([str(text) for text in texts if text])
            for form in self.forms:
                if "person" in form.fields:
                    cast(PickField, form.fields["person"]).known = known
        super().full_clean()

    def clean(self) -> None:
        """Nobody twice, one head."""
        super().clean()
        self.refuse_repeated(_person_of, "Người này đã có trong đoàn.", field="person")
        self.refuse_repeated(
            lambda form: form.cleaned_data.get("role") == Role.HEAD or None,
            "Một đoàn chỉ có một trưởng đoàn.",
            field="role",
        )

    def write_for(self, delegation: Delegation, day: date | None) -> None:
        """Keep the list, frozen as of `day` (default: the delegation's first day) where a line leaves it open."""

        def prepare(row: Attendee, data: Mapping[str, Any]) -> None:
            row.person = registered(data.get("person"), picks.PERSON, Person)
            row.name, row.positions = data.get("name", ""), data.get("positions", "")
            attending.freeze(row, day or delegation.from_on)

        self.write(delegation, prepare)


def _person_of(form: Any) -> Any:
    person = form.cleaned_data.get("person")
    return fold(person.name) if isinstance(person, Newcomer) else getattr(person, "pk", None)


def attendee_rows(extra: int) -> type[AttendeeRows]:
    """The class of a list with that many empty lines below."""
    made: Any = inlineformset_factory(
        Delegation,
        Attendee,
        form=AttendeeForm,
        formset=AttendeeRows,
        extra=extra,
        can_delete=True,
        max_num=300,
        absolute_max=300,
    )
    return cast(type[AttendeeRows], made)


class Block:
    """One delegation in place on an article's page: its facts, its list, and whether it stays with the article."""

    def __init__(self, delegation: Delegation | None, data: MultiValueDict[str, str] | None) -> None:
        self.delegation = delegation
        self.prefix = "doan-moi" if delegation is None else f"doan-{delegation.pk}"
        self.form = DelegationForm(data, instance=delegation, prefix=self.prefix)
        self.rows = attendee_rows(3 if delegation is None else 2)(
            data,
            instance=delegation or Delegation(),
            prefix=f"{self.prefix}-nguoi",
            queryset=Attendee.objects.select_related("person").order_by("order", "id"),
        )
        self.seen = data.get(f"{self.prefix}-thay", "") if data is not None else ""
        self.leaves = data is not None and f"{self.prefix}-bo" in data
        if delegation is None:
            self.form.empty_permitted = True
            self.form.use_required_attribute = False

    @property
    def has_changed(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.form.has_changed() or self.rows.has_changed())

    @property
    def is_open(self) -> bool:
        """Whether the empty block was filled in, so that it must be seen."""
        return self.form.is_bound and self.has_changed

    def is_valid(self) -> bool:
        """Whether it can be kept; one that leaves or that nobody touched always can."""
        if self.leaves or (self.delegation is None and not self.has_changed):
            return True
        if self.delegation is None:
            self.form.empty_permitted = False
        return all([self.form.is_valid(), self.rows.is_valid()])

    @property
    def fingerprint(self) -> str:
        """What the page carries back, to tell whether somebody changed the delegation meanwhile."""
        if self.form.is_bound or self.delegation is None:
            return self.seen
        return attending.fingerprint(self.delegation, self.rows.get_queryset())

    def write(self, day: date | None) -> Delegation:
        """Keep what changed; the delegation. Raises `Changed` when somebody changed it since the page was opened."""
        if self.delegation is not None and not self.has_changed:
            return self.delegation

        def write() -> Delegation:
            kept = self.delegation
            delegation = self.form.write() if kept is None or self.form.has_changed() else kept
            self.rows.write_for(delegation, day)
            return delegation

        return attending.keep_visit(delegation=self.delegation, seen=self.seen, write=write)


class Blocks:
    """All delegations of an article's page, an empty block for a new one last."""

    MOST = 12

    def __init__(
        self, linked: list[Delegation], data: MultiValueDict[str, str] | None, *, may_change: bool, may_add: bool
    ) -> None:
        self.linked = linked
        self.data = data
        self.may_change = may_change
        self.may_add = may_add

    @cached_property
    def existing(self) -> list[Block]:
        """The blocks that were on the page: those of its hidden fields, or (not sent yet) of the article."""
        if not self.may_change:
            return []
        if self.data is None:
            return [Block(delegation, None) for delegation in self.linked[: self.MOST]]
        numbers = [int(text) for text in self.data.getlist("doan")[: self.MOST] if text.isdecimal() and len(text) < 19]
        found = Delegation.objects.select_related("visiting_organisation", "host_organisation").in_bulk(numbers)
        return [Block(found[pk], self.data) for pk in dict.fromkeys(numbers) if pk in found]

    @cached_property
    def new(self) -> Block | None:
        """The empty block, where the user may add a delegation."""
        has_block = self.data is None or "doan-moi-nguoi-TOTAL_FORMS" in self.data
        return Block(None, self.data) if self.may_add and has_block else None

    def __iter__(self) -> Iterator[Block]:
        yield from self.existing

    @property
    def all(self) -> list[Block]:
        """Every block, the empty one included."""
        return [*self.existing, *([self.new] if self.new else [])]

    @property
    def has_changed(self) -> bool:
        """Whether anything on the page differs from what was loaded."""
        return any(block.leaves or block.has_changed for block in self.all)

    def is_valid(self) -> bool:
        """Whether all of it can be kept."""
        return all([block.is_valid() for block in self.all])  # noqa: C419 - every block is to be looked at

    def write(self, day: date | None) -> tuple[list[Delegation], list[Delegation]]:
        """Keep what changed. The delegations that stay or are new, and those that leave the article."""
        stay = [
            block.write(day) if block.has_changed else block.delegation
            for block in self.all
            if not block.leaves and (block.delegation or block.has_changed)
        ]
        return [row for row in stay if row], [
            block.delegation for block in self.existing if block.leaves and block.delegation
        ]
