def test_db(db):
    from django.db import connection
    from news.models import Section
    Section.objects.create(name="Tin", slug="tin-tuc")
    assert connection.vendor
