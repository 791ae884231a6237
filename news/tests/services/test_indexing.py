"""Index rows can always be made again from what is sealed."""

import pytest
from django.core.management import call_command

from news.models import Edition, EditionPerson, EditionTag
from news.services import indexing, ledger, sealing
from news.tests import make
from news.text.segment import plain_title

pytestmark = pytest.mark.django_db


def everything():
    """All index rows, without their own numbers."""
    return {
        table.__name__: sorted(
            tuple(sorted((key, str(value)) for key, value in row.items() if key != "id"))
            for row in table._default_manager.values()
        )
        for table in sealing.INDEXES
    }


@pytest.mark.django_db(transaction=True)
def test_a_section_that_gets_a_parent_is_listed_there(client):
    parent, child = make.make_section("Kinh tế"), make.make_section("Nông thôn")
    make.publish(make.make_article("Tin ở mục con", section=child))
    assert "Tin ở mục con" not in plain_title(client.get("/kinh-te/").content.decode())
    child.parent = parent
    make.registering.keep(child)
    call_command("db_worker", "--batch", "--no-reload", "--no-startup-delay", verbosity=0)
    assert "Tin ở mục con" in plain_title(client.get("/kinh-te/").content.decode())
    child.parent = None
    make.registering.keep(child)
    call_command("db_worker", "--batch", "--no-reload", "--no-startup-delay", verbosity=0)
    assert "Tin ở mục con" not in plain_title(client.get("/kinh-te/").content.decode())


def test_rebuilding_gives_the_same_rows_after_any_damage():
    person = make.make_person("Lò Thị Mai")
    delegation = make.make_delegation(
        "Đoàn",
        make.attendee(person),
        visiting_organisation=make.make_organisation(),
        host_organisation=make.make_organisation(),
    )
    section = make.make_section("Con", parent=make.make_section("Mẹ"))
    article = make.make_article(
        "Tiêu đề",
        section=section,
        tags=(make.make_tag(), make.make_tag()),
        byline=(make.make_author(),),
        delegations=(delegation,),
        lead_image=make.make_image(),
    )
    make.publish(article)
    before = everything()
    assert {name: len(rows) for name, rows in before.items()} == {
        "EditionSection": 2,
        "EditionTag": 2,
        "EditionPerson": 1,
        "EditionOrganisation": 2,
        "EditionDelegation": 1,
        "EditionAuthor": 1,
        "EditionImage": 1,
        "EditionFile": 0,
    }
    EditionTag.objects.all().delete()
    EditionPerson.objects.update(person=make.make_person())
    Edition.objects.update(title="Tiêu đề giả", card_image=None)
    assert indexing.rebuild() == 1
    assert everything() == before
    assert ledger.verify().faults == ()
