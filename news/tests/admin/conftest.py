"""What the desk's tests share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client


@pytest.fixture
def sign_in_as(db: None) -> Callable[[Any], Client]:
    """`sign_in_as(user)`: a client in which that user is logged in."""

    def sign_in_as(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return sign_in_as
