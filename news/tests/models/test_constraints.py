"""What the database itself refuses, on both databases."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from news.models import (
    Attendee,
    Contribution,
    Delegation,
    LedgerHead,
    Masthead,
    Organisation,
    Person,
    Position,
    RelatedPick,
    Role,
    Section,
    SectionRight,
    Side,
    Tag,
    ViewCount,
)
from news.tests import make

pytestmark = pytest.mark.django_db


def refused(call):
    """Whether the database refuses what the call writes."""
    try:
        with transaction.atomic():
            call()
    except IntegrityError:
        return True
    return False


def test_an_attendee_is_a_person_or_a_group_never_both_nor_neither():
    person, delegation = make.make_person("Lò Thị Mai"), make.make_delegation()

    def line(**fields):
        return lambda: Attendee.objects.create(delegation=delegation, **fields)

    assert refused(line(person=person, name="Lò Thị Mai", group="đại diện các sở"))
    assert refused(line())
    assert refused(line(person=person, name=""))
    assert refused(line(group="đại diện các sở", positions="Giám đốc"))
    assert not refused(line(person=person, name="Lò Thị Mai"))
    assert not refused(line(group="đại diện các sở"))
    assert refused(line(person=person, name="Lò Thị Mai"))


def test_a_delegation_has_one_head_and_sides_and_roles_are_closed_lists():
    delegation = make.make_delegation("", make.attendee(make.make_person(), role=Role.HEAD))

    def line(**fields):
        return lambda: Attendee.objects.create(
            delegation=delegation, person=(person := make.make_person()), name=person.name, **fields
        )

    assert refused(line(role=Role.HEAD))
    assert refused(line(role="khách mời"))
    assert refused(line(side="bên kia"))
    assert not refused(line(side=Side.HOST, role=Role.CHAIR))


def test_days_stand_in_order():
    early, late, person = date(2026, 1, 1), date(2026, 2, 1), make.make_person()
    assert refused(lambda: Position.objects.create(person=person, title="Giám đốc", from_on=late, to_on=early))
    assert refused(lambda: Delegation.objects.create(name="Đoàn", from_on=late, to_on=early))
    assert refused(lambda: Delegation.objects.create(name="Đoàn", to_on=early))
    assert refused(lambda: Organisation.objects.create(name="Sở", valid_from=late, valid_to=early))
    assert not refused(lambda: Position.objects.create(person=person, title="Giám đốc", to_on=early))


def test_nothing_is_merged_into_itself():
    for row in (make.make_tag(), make.make_person(), make.make_organisation(), make.make_delegation()):
        row.merged_into = row
        assert refused(row.save)


def test_section_addresses_are_unique_and_not_reserved():
    section = make.make_section("Thời sự")
    assert section.slug == "thoi-su"
    assert refused(lambda: Section.objects.create(name="Khác", slug="thoi-su"))
    assert refused(lambda: Section.objects.create(name="Tin", slug="tin"))
    assert refused(lambda: Section.objects.create(name="Trống", slug=""))
    assert refused(lambda: Section.objects.create(name="Ba lần duyệt", slug="ba-lan", gates=3))


def test_single_rows_stay_single():
    assert refused(lambda: Masthead.objects.create(id=2, name="Báo khác"))
    assert refused(lambda: LedgerHead.objects.create(id=2))


def test_rights_signatures_picks_tags_and_hours_are_not_doubled():
    article, user, author = make.make_article(), make.make_user("editor"), make.make_author()
    assert refused(lambda: SectionRight.objects.create(user=user))
    Contribution.objects.create(article=article, author=author)
    assert refused(lambda: Contribution.objects.create(article=article, author=author))
    assert refused(lambda: RelatedPick.objects.create(article=article, target=article))
    make.make_tag("Dân vận")
    assert refused(lambda: Tag.objects.create(name="dân vận", slug="dan-van"))
    ViewCount.objects.create(article=article, hour=make.NOW)
    assert refused(lambda: ViewCount.objects.create(article=article, hour=make.NOW))


def test_an_address_belongs_to_one_user_in_any_case_and_many_have_none():
    User.objects.create_user("mai", "Mai@Example.vn")
    assert refused(lambda: User.objects.create(username="lan", email="MAI@example.VN"))
    assert refused(lambda: User.objects.create(username="Hoa"))
    assert refused(lambda: User.objects.create(username="hoa", email=""))
    assert not refused(lambda: [User.objects.create_user(name) for name in ("tu", "nga")])


def test_people_sort_by_given_name():
    for name in ("Nguyễn Thị Bích", "Trần An", "Lê Văn An", "Đỗ Văn Ân"):
        make.make_person(name)
    assert list(Person.objects.order_by("sort_key").values_list("name", flat=True)) == [
        "Lê Văn An",
        "Trần An",
        "Đỗ Văn Ân",
        "Nguyễn Thị Bích",
    ]


def test_positions_held_on_a_day_include_both_ends():
    person = make.make_person(
        "Lò Thị Mai",
        ("Phó Giám đốc Sở", date(2020, 1, 1), date(2024, 5, 19)),
        ("Giám đốc Sở", date(2024, 5, 20), None),
        ("Tỉnh ủy viên", None, date(2024, 5, 20)),
    )

    def held(day):
        return list(
            Position.objects.filter(person=person).held_on(day).in_protocol_order().values_list("title", flat=True)
        )

    assert held(date(2024, 5, 19)) == ["Phó Giám đốc Sở", "Tỉnh ủy viên"]
    assert held(date(2024, 5, 20)) == ["Giám đốc Sở", "Tỉnh ủy viên"]
    assert held(date(2024, 5, 21)) == ["Giám đốc Sở"]
    assert held(date(2019, 12, 31)) == ["Tỉnh ủy viên"]
