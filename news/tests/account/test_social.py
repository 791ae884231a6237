"""Log-in through other sites: off unless it is set up; then by a form, with consent, and never around anything."""

import json
import sys
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.google.provider import GoogleProvider
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from news.models import Consent
from news.services import consenting
from news.tests import make
from news.tests.account.conftest import LOGIN, log_in, make_reader, waiting
from news.tests.test_ground import in_own_process

ASK = """
import json, django
django.setup()
from django.conf import settings
from django.urls import reverse
print(json.dumps({
    "form_action": [str(part) for part in settings.SECURE_CSP["form-action"]],
    "scripts": [str(part) for part in settings.SECURE_CSP["script-src"]],
    "addresses": [reverse(name) for name in ("google_login", "google_callback", "facebook_login")]
    + [reverse("openid_connect_login", kwargs={"provider_id": "vneid"})],
}))
"""
ON = {
    "SOCIAL_PROVIDERS": "google,facebook,openid_connect",
    "SOCIAL_GOOGLE_ID": "g", "SOCIAL_GOOGLE_SECRET": "s", "SOCIAL_FACEBOOK_ID": "f", "SOCIAL_FACEBOOK_SECRET": "s",
    "SOCIAL_OPENID_KEY": "vneid", "SOCIAL_OPENID_NAME": "VNeID", "SOCIAL_OPENID_ID": "v", "SOCIAL_OPENID_SECRET": "s",
    "SOCIAL_OPENID_SERVER_URL": "https://id.example.vn/realms/a",
}  # fmt: skip


@pytest.mark.django_db
def test_off_by_default(client: Client) -> None:
    assert settings.SOCIALACCOUNT_PROVIDERS == {}
    with pytest.raises(NoReverseMatch):
        reverse("google_login")
    assert "Hoặc đi qua trang khác" not in client.get(LOGIN).content.decode()
    assert client.get("/tai-khoan/lien-ket/google/login/").status_code == 404
    policy = client.get(LOGIN).headers["Content-Security-Policy"]
    assert "form-action 'self';" in policy


def test_on_by_the_environment_alone() -> None:
    result = in_own_process(sys.executable, "-c", ASK, env=ON)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "form_action": ["'self'", "https://accounts.google.com", "https://www.facebook.com", "https://id.example.vn"],
        "scripts": ["'self'"],
        "addresses": [
            "/tai-khoan/lien-ket/google/login/",
            "/tai-khoan/lien-ket/google/login/callback/",
            "/tai-khoan/lien-ket/facebook/login/",
            "/tai-khoan/lien-ket/openid/vneid/login/",
        ],
    }


@pytest.mark.parametrize(
    "env", [{"SOCIAL_PROVIDERS": "twitter"}, {"SOCIAL_PROVIDERS": "google"}, {"SOCIAL_PROVIDERS": "openid_connect"}]
)
def test_half_a_setup_is_refused(env: dict[str, str]) -> None:
    result = in_own_process(sys.executable, "-c", "import config.settings", env=env)
    assert result.returncode == 1
    assert "SOCIAL_PROVIDERS must be" in result.stderr


@pytest.fixture
def google(settings: Any, monkeypatch: Any) -> GoogleProvider:
    """Google as the environment would set it up, but for its two addresses."""
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "g", "secret": "s"}]}}
    registry.get_class_list()
    monkeypatch.setattr(registry, "provider_map", {"google": GoogleProvider})
    return GoogleProvider(None, app=SocialApp(provider="google", client_id="g", secret="s"))


def arrive(client: Client, provider: GoogleProvider) -> None:
    """Leave in the session what the other site told: somebody who has no account here yet."""
    user = User(full_name="Lê Hoa", email="hoa@gmail.example")
    account = SocialAccount(provider="google", uid="123", extra_data={"email": "hoa@gmail.example"})
    session = client.session
    session["socialaccount_sociallogin"] = SocialLogin(user=user, account=account, provider=provider).serialize()
    session.save()


@pytest.mark.django_db
def test_who_comes_from_another_site_agrees_verifies_and_is_a_reader(client: Client, google: GoogleProvider) -> None:
    address = "/tai-khoan/lien-ket/dang-ky/"
    assert client.get(address).headers["Location"] == LOGIN
    arrive(client, google)
    page = client.get(address).content.decode()
    assert 'value="Lê Hoa"' in page
    assert "checked" not in page
    data = {"full_name": "Lê Hoa", "email": "hoa@gmail.example", "website": "", "is_staff": "on",
            "consent_text": str(consenting.current("tai-khoan", make.NOW).pk)}  # fmt: skip
    assert client.post(address, data).status_code == 422  # without consent
    assert not User.objects.exists()
    answer = client.post(address, {**data, "agree_account": "on"})
    assert answer.headers["Location"] == "/tai-khoan/xac-nhan-thu/"
    user = User.objects.get()
    assert (user.is_staff, user.has_usable_password(), user.full_name) == (False, False, "Lê Hoa")
    assert Consent.objects.get().user == user
    assert [mail.to for mail in waiting()] == ["hoa@gmail.example"]


@pytest.mark.django_db
def test_an_address_that_has_an_account_is_not_taken_over(client: Client, google: GoogleProvider) -> None:
    owner = make_reader(email="hoa@gmail.example")
    arrive(client, google)
    data = {"full_name": "Kẻ Gian", "email": "hoa@gmail.example", "website": "", "agree_account": "on",
            "consent_text": str(consenting.current("tai-khoan", make.NOW).pk)}  # fmt: skip
    client.post("/tai-khoan/lien-ket/dang-ky/", data)
    assert list(User.objects.all()) == [owner]
    assert (SocialAccount.objects.count(), Consent.objects.count()) == (0, 0)
    assert [mail.subject for mail in waiting()] == ["Đã có tài khoản – Tòa soạn"]
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_links_are_shown_and_given_up_by_their_owner_only(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(SocialAccount, "get_provider", lambda *_: type("P", (), {"name": "Google", "id": "dummy"}))
    user, other = make_reader(), make_reader("nguoi-khac")
    own = SocialAccount.objects.create(user=user, provider="dummy", uid="1", extra_data={"email": "a@gmail.example"})
    foreign = SocialAccount.objects.create(
        user=other, provider="dummy", uid="2", extra_data={"email": "b@gmail.example"}
    )
    log_in(client, user)
    page = client.get("/tai-khoan/lien-ket/").content.decode()
    assert "a@gmail.example" in page
    assert "b@gmail.example" not in page
    client.post("/tai-khoan/lien-ket/", {"account": str(foreign.pk)})
    assert SocialAccount.objects.count() == 2
    assert own.pk != foreign.pk
