"""What no browser of ours sends to the accounts is answered in words, never by an error of the server."""

import json

import pytest
from django.test import Client

from news.tests.account.conftest import LOGIN, PASSWORD, log_in, make_colleague, make_reader, set_up

pytestmark = pytest.mark.django_db
CREDENTIALS = [
    "", "x", "null", "[]", "{}", "1", '"a"', '{"id": 1}', '{"response": []}', '{"response": {"userHandle": "MQ"}}',
    '{"response": {"userHandle": 5}}', '{"response": {"userHandle": "!!!"}}', '{"response": {"userHandle": "////"}}',
    json.dumps({"id": "MQ", "rawId": "MQ", "type": "public-key", "clientExtensionResults": {}, "response": {
        "clientDataJSON": "MQ", "authenticatorData": "MQ", "signature": "MQ", "userHandle": "MQ"}}),
    json.dumps({"id": "MQ", "rawId": "MQ", "type": "public-key", "clientExtensionResults": {}, "response": {
        "clientDataJSON": "e30", "authenticatorData": "MQ", "signature": "MQ", "userHandle": "enp6enp6enp6enp6eno"}}),
    json.dumps({"id": "MQ", "rawId": "MQ", "type": "public-key", "response": {
        "clientDataJSON": "e30", "attestationObject": "MQ"}}),
    json.dumps({"id": "MQ", "rawId": "MQ", "type": "public-key", "clientExtensionResults": {}, "response": {
        "clientDataJSON": "e30", "authenticatorData": "A" * 60, "signature": "MQ"}}),
    '{"response": {"attestationObject": "\\u0000"}}', "[" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_no_passkey_is_a_passkey(credential: str) -> None:
    reader, colleague = make_reader(), make_colleague()
    stranger = Client()
    stranger.get("/tai-khoan/dang-nhap/khoa-truy-cap/", headers={"Accept": "application/json"})
    assert stranger.post("/tai-khoan/dang-nhap/khoa-truy-cap/", {"credential": credential}).status_code < 500
    assert "_auth_user_id" not in stranger.session
    set_up(colleague)
    halfway = Client()
    log_in(halfway, colleague)
    halfway.get("/tai-khoan/dang-nhap/xac-thuc/")
    assert halfway.post("/tai-khoan/dang-nhap/xac-thuc/", {"credential": credential}).status_code < 500
    assert "_auth_user_id" not in halfway.session
    inside = Client()
    log_in(inside, reader)
    inside.post("/tai-khoan/xac-nhan/", {"password": PASSWORD})
    inside.get("/tai-khoan/hai-lop/khoa-truy-cap/them/")
    assert inside.post("/tai-khoan/hai-lop/khoa-truy-cap/them/", {"credential": credential}).status_code < 500


@pytest.mark.parametrize(
    "address",
    [
        "/tai-khoan/xac-nhan-thu/::/",
        "/tai-khoan/xac-nhan-thu/MQ:1xXR1e:huZM74i9pXkFDwrseLOo6vC3IU8a0UivvUnlMFzN37g/",
        f"/tai-khoan/xac-nhan-thu/{'A' * 900}/",
        f"/tai-khoan/quen-mat-khau/{'z' * 60}-{'a' * 60}/",
        "/tai-khoan/quen-mat-khau/1-set-password/",
        "/tai-khoan/quen-mat-khau/0-x/",
        f"/tai-khoan/hai-lop/khoa-truy-cap/{'9' * 30}/bo/",
        "/tai-khoan/dang-nhap/?next=%2F%2Fke-gian.example",
        "/tai-khoan/dang-ky/?email=%3Cscript%3E&next=javascript:alert(1)",
        "/tai-khoan/xac-nhan/ma/?next=https://ke-gian.example/",
    ],
)
def test_no_address_breaks(client: Client, address: str) -> None:
    user = make_reader()
    for logged_in in (False, True):
        if logged_in:
            log_in(client, user)
        response = client.get(address, follow=True)
        assert response.status_code in {200, 404}, address
        assert "<script>" not in response.content.decode()


@pytest.mark.parametrize(
    "login", ["\x00", "a" * 100_000, "=?utf-8?q?a=40b=2c?=@example.com", "ﬃ", "a@b@c", "' OR 1=1 --", "☃@☃.vn"]
)
def test_no_log_in_breaks(client: Client, login: str) -> None:
    for address, data in (
        (LOGIN, {"login": login, "password": "x"}),
        (LOGIN, {"login": "a", "password": login}),
        ("/tai-khoan/quen-mat-khau/", {"email": login}),
    ):
        assert client.post(address, data).status_code < 500
