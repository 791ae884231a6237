"""Readers' details as a whole."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from news import crypto
from news.models import ReaderContact
from news.services import outbox
from news.tests.make import NOW

pytestmark = pytest.mark.django_db


def test_after_a_rotation_the_old_key_may_go(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.READER_KEYS = [old]
    for number in range(3):
        ReaderContact.objects.create(details=crypto.encrypt({"name": f"Bạn đọc {number}"}), created_at=NOW)
    mail = outbox.post(kind="thu", recipient="mai@example.vn", subject="Thư", text="Chào", at=NOW)
    sent = outbox.post(kind="thu", recipient="mai@example.vn", subject="Thư", text="Chào", at=NOW)
    type(sent).objects.filter(pk=sent.pk).update(recipient="", message="", sent_at=NOW)
    settings.READER_KEYS = [new, old]
    call_command("rotate_reader_keys")
    settings.READER_KEYS = [new]
    mail.refresh_from_db()
    assert (crypto.decrypt(mail.recipient)["address"], crypto.decrypt(mail.message)["subject"]) == (
        "mai@example.vn",
        "Thư",
    )
    opened = [crypto.decrypt(row.details)["name"] for row in ReaderContact.objects.order_by("pk")]
    assert opened == ["Bạn đọc 0", "Bạn đọc 1", "Bạn đọc 2"]


def test_a_ring_that_lacks_a_key_in_use_is_told_so_and_loses_nothing(settings):
    before = ReaderContact.objects.create(details=crypto.encrypt({"name": "Mai"}), created_at=NOW).details
    settings.READER_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError):
        call_command("rotate_reader_keys")
    assert ReaderContact.objects.get().details == before
