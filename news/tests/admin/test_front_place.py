"""The front page's places: who arranges them, what readers then see, what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from news.models import FrontPlace
from news.services import arranging
from news.services.arranging import Placing
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
ADDRESS = "/quan-tri/news/frontplace/"


@pytest.fixture
def editions():
    return [make.publish(make.make_article(f"Bài số {n}"), at=make.NOW + timedelta(minutes=n)) for n in range(6)]


def front(client):
    page = client.get("/").context["front"]
    return [page.lead.title, *(card.title for card in page.featured)]


def fields(*articles, seen="", **more):
    places = {f"article_{number}": f"#{article.pk}" if article else "" for number, article in enumerate(articles, 1)}
    return {"seen": seen, **places, **more}


def test_empty_places_take_the_newest_and_held_ones_what_was_put_there(client, editions):
    assert front(client) == ["Bài số 5", "Bài số 4", "Bài số 3", "Bài số 2"]
    client.force_login(make.make_user("secretary"))
    held = fields(editions[0].article, None, editions[5].article)
    assert client.post(ADDRESS, held).status_code == 302
    assert front(client) == ["Bài số 0", "Bài số 4", "Bài số 5", "Bài số 3"]
    make.withdraw(editions[0].article, at=timezone.now())
    assert front(client) == ["Bài số 4", "Bài số 3", "Bài số 5", "Bài số 2"]


def test_a_place_is_held_until_its_hour(client, editions):
    until = timezone.now() + timedelta(hours=1)
    placing = Placing(editions[0].article_id, until)
    arranging.arrange(places={1: placing}, seen="", actor=make.make_user("chief"), at=timezone.now())
    assert front(client)[0] == "Bài số 0"
    FrontPlace.objects.update(until=timezone.now())
    assert front(client)[0] == "Bài số 5"


@pytest.mark.parametrize("role", ["reporter", "editor", "moderator", "administrator"])
def test_others_do_not_arrange(client, editions, role):
    user = make.make_user(role)
    client.force_login(user)
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, fields(editions[0].article)).status_code == 403
    with pytest.raises(NotAllowed):
        arranging.arrange(places={1: Placing(editions[0].article_id)}, seen="", actor=user, at=make.NOW)
    assert not FrontPlace.objects.exists()


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(client, editions):
    client.force_login(make.make_user("secretary"))
    draft = make.make_article("Bài chưa đăng")
    response = client.post(ADDRESS, fields(draft, editions[1].article, editions[1].article, until_1="1/1/2020 08:00"))
    assert response.status_code == 422
    assert "Bài này không hiện với bạn đọc" in response.content.decode()
    response = client.post(ADDRESS, fields(editions[1].article, editions[1].article))
    assert "Một bài chỉ đứng ở một vị trí." in response.content.decode()
    response = client.post(ADDRESS, fields(editions[1].article, until_1="1/1/2020 08:00"))
    assert "Giờ này đã qua." in response.content.decode()
    assert "1/1/2020 08:00" in response.content.decode()
    response = client.post(ADDRESS, {"article_1": "#999999"})
    assert response.status_code == 422
    assert not FrontPlace.objects.exists()


def test_a_colleagues_arrangement_is_not_overwritten_unseen(client, editions):
    first = make.make_user("secretary")
    arranging.arrange(places={1: Placing(editions[2].article_id)}, seen="", actor=first, at=make.NOW)
    client.force_login(make.make_user("secretary"))
    response = client.post(ADDRESS, fields(editions[0].article, seen=""))
    assert "Có người vừa xếp lại trang nhất" in response.content.decode()
    assert FrontPlace.objects.get(number=1).article_id == editions[2].article_id
    again = fields(editions[0].article, seen=response.context["form"].data["seen"])
    assert client.post(ADDRESS, again).status_code == 302
    assert FrontPlace.objects.get(number=1).article_id == editions[0].article_id


def test_a_scheduled_article_may_wait_for_its_place(client, editions):
    article = make.make_article("Bài hẹn giờ")
    make.schedule(article, visible_from=timezone.now() + timedelta(days=1))
    arranging.arrange(places={1: Placing(article.pk)}, seen="", actor=make.make_user("chief"), at=timezone.now())
    assert front(client)[0] == "Bài số 5"
