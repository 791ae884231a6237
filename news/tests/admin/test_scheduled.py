"""The timetable on the desk: what ran when; red where nobody runs it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from news.services import timetable
from news.tests import make
from news.tests.admin.forms import words

pytestmark = pytest.mark.django_db


def test_the_desk_sees_that_no_scheduler_runs(sign_in_as: Any, django_assert_num_queries: Any) -> None:
    client = sign_in_as(make.make_user("administrator"))
    address = "/quan-tri/news/scheduledrun/"
    assert words(client.get(address)).count("Trễ") == len(timetable.LINES) + 1  # and the word that explains it
    assert timetable.is_late(at=timezone.now()) is True
    timetable.run_due(at=timezone.now())
    with django_assert_num_queries(4):  # session, user, rights, the rows
        page = words(client.get(address))
    assert (page.count("Trễ"), page.count("Đúng giờ")) == (1, len(timetable.LINES))
    assert timetable.is_late(at=timezone.now()) is False
    assert timetable.is_late(at=timezone.now() + timedelta(hours=1)) is True
    assert sign_in_as(make.make_user("chief")).get(address).status_code == 403
