"""Names in order: keys, addresses, the house's style."""

import pytest

from news.models import Section, Tag
from news.services import registering
from news.tests import make

pytestmark = pytest.mark.django_db


def test_names_are_composed_tidied_and_folded():
    person = make.make_person("  Thào   Xuân Sùng\u200b ")
    assert (person.name, person.name_key) == ("Thào Xuân Sùng", "thao xuan sung")


@pytest.mark.parametrize(("style", "expected"), [("old", "Hòa bình, Ủy"), ("new", "Hoà bình, Uỷ")])
def test_sections_and_tags_are_written_in_the_house_style(settings, style, expected):
    settings.TONE_STYLE = style
    for kind in (Section, Tag):
        row = registering.keep(kind(name="Hoà bình, Ủy"))
        assert (row.name, row.slug) == (expected, "hoa-binh-uy")


def test_names_of_people_and_bodies_keep_their_own_marks(settings):
    settings.TONE_STYLE = "old"
    assert make.make_person("Nguyễn Thuỷ").name == "Nguyễn Thuỷ"
    assert make.make_organisation("Uỷ ban").name == "Uỷ ban"


def test_a_tag_is_found_again_in_any_writing_and_through_a_merge():
    tag = registering.tag_named("Nông thôn mới")
    assert registering.tag_named("nông  thôn mới") == tag
    kept = make.make_tag("Xây dựng nông thôn mới")
    tag.merged_into = kept
    tag.save()
    assert registering.tag_named("Nông thôn mới") == kept
