"""The Nu HTML checker over every page that links lead to, from the demo newsroom: `make markup`.

It needs Java and the checker's jar (VNU_JAR), so it is no part of `make test`; `make check` and CI run it. While it
walks the site it also asks of every link that it leads somewhere.
"""

import os
import re
import subprocess
from collections import deque
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from news.services import demo
from news.tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "mat-khau-thu-nghiem"
PAGES_MAX = 400
LINK = re.compile(r'<a\s[^>]*href="([^"]*)"')
OUTSIDE = re.compile(r"^(?:[a-z]+:|//|#)")


@pytest.fixture
def newsroom():
    """The demo newsroom."""
    demo.load(password=PASSWORD, at=timezone.now())


def walk(client: Client, start: str, stay: str) -> dict[str, bytes]:
    """Every HTML page that links lead to from `start`, by address, below `stay`; fails on a link that leads nowhere."""
    waiting, seen = deque([start]), {start}
    pages: dict[str, bytes] = {}
    while waiting and len(pages) < PAGES_MAX:
        address = waiting.popleft()
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        pages[address] = response.content
        for found in LINK.findall(response.content.decode()):
            target = urldefrag(urljoin(address, found.replace("&amp;", "&"))).url
            if not OUTSIDE.match(found) and target not in seen and target.startswith(stay):
                seen.add(target)
                waiting.append(target)
    return pages


def check(pages: dict[str, bytes], folder: Path) -> None:
    """Fail with what the checker says, by address."""
    names = {}
    for number, (address, content) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_bytes(content)
        names[path.name] = address
    command = ["java", "-jar", os.environ["VNU_JAR"], "--errors-only", "--format", "gnu", str(folder)]
    found = subprocess.run(command, check=False, capture_output=True, text=True).stderr.strip()
    if found:
        for name, address in names.items():
            found = found.replace(f"/{name}", f"/{name} ({address})")
        pytest.fail(found[:8000], pytrace=False)


def test_every_public_page_is_valid_and_no_link_leads_nowhere(newsroom, tmp_path):
    client = Client(headers={"User-Agent": make.PHONE})
    pages = walk(client, "/", "/")
    pages["404"] = client.get("/khong-co-trang-nay/").content
    article = next(address for address in pages if address.startswith("/tin/"))
    pages["form with errors"] = client.post(f"{article}phan-hoi/", {"body": "<b>"}).content
    pages["share form with errors"] = client.post(f"{article}gui-ban-be/", {"friend": "khong-phai-thu"}).content
    pages["follow form with errors"] = client.post("/phan-hoi/tra-cuu/", {"code": "PH", "email": "x"}).content
    assert len(pages) > 100
    check(pages, tmp_path)


def test_the_component_page_is_valid(newsroom, tmp_path):
    client = Client()
    client.force_login(User.objects.get(username="tongbientap"))
    check({"components": client.get("/quan-tri/bo-giao-dien/").content}, tmp_path)
