"""Nothing of a reader's is forgotten: every model with words, or of somebody's, is erased or said to hold none."""

import re

from django.apps import apps
from django.db import models

from accounts.models import User
from news.models import ReaderContact
from news.services import privacy

WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)


def holds_something(model: type[models.Model]) -> bool:
    for field in model._meta.concrete_fields:
        if isinstance(field, WORDS) and not field.choices:
            return True
        if field.is_relation and field.related_model in {User, ReaderContact}:
            return True
    return False


def test_every_model_with_words_is_erased_or_said_to_hold_none_of_readers():
    found = {model._meta.label for model in apps.get_models(include_auto_created=True) if holds_something(model)}
    told = set(privacy.COVERED) | set(privacy.NOT_READERS)
    assert (sorted(found - told), sorted(set(privacy.COVERED) & set(privacy.NOT_READERS))) == ([], [])
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert sorted(told - known) == []
    assert all(reason.strip() for reason in privacy.NOT_READERS.values())


def test_every_way_to_erase_is_one_there_is():
    names = {name for name, _ in privacy.ERASERS}
    named = set(privacy.COVERED.values())
    assert names <= named
    assert named - names == {
        "thư đi", "phiên đăng nhập", "nhật ký quản trị", "việc chạy ngầm", "liên kết và yêu cầu", "lời của tòa soạn",
    }  # fmt: skip


def test_no_column_keeps_a_network_address():
    columns = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.GenericIPAddressField) or re.search(r"(^|_)ip(_|$)|remote", field.name)
    ]
    assert columns == ["usersessions.UserSession.ip"]  # accounts.adapter writes 0.0.0.0 into it


def test_every_encrypted_column_takes_part_in_the_rotation():
    source = {(model._meta.label, name) for model, columns in privacy.ENCRYPTED for name in columns}
    assert source == {
        ("news.ReaderContact", "details"),
        ("news.Outbox", "recipient"),
        ("news.Outbox", "message"),
        ("news.PrivacyLink", "address"),
    }
