"""The addresses below /tai-khoan/: django-allauth's views under Vietnamese names.

The page /tai-khoan/ itself, registration and leaving know the newsroom: they are in `news.views.account`.
"""

from importlib import import_module

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.http import require_safe

from accounts import views
from accounts.views import evenly, in_time
from accounts.whole import whole

urlpatterns: list[URLPattern | URLResolver] = [
    path("dang-nhap/", evenly(views.LoginView.as_view()), name="account_login"),
    path("dang-nhap/xac-thuc/", mfa.authenticate, name="mfa_authenticate"),
    path("dang-nhap/khoa-truy-cap/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("tam-khoa/", account.account_inactive, name="account_inactive"),
    path("xac-nhan/", account.reauthenticate, name="account_reauthenticate"),
    path("xac-nhan/ma/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("xac-nhan/khoa-truy-cap/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("dia-chi-thu/", whole(in_time(account.email)), name="account_email"),
    path("xac-nhan-thu/", account.email_verification_sent, name="account_email_verification_sent"),
    path("xac-nhan-thu/xong/", views.account_email_confirmed, name="account_email_confirmed"),
    re_path(r"^xac-nhan-thu/(?P<key>[-:\w]+)/$", whole(views.ConfirmEmailView.as_view()), name="account_confirm_email"),
    path("doi-mat-khau/", whole(views.PasswordChangeView.as_view()), name="account_change_password"),
    path("dat-mat-khau/", whole(views.PasswordSetView.as_view()), name="account_set_password"),
    path("quen-mat-khau/", evenly(account.password_reset), name="account_reset_password"),
    path("quen-mat-khau/da-gui/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^quen-mat-khau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        whole(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("quen-mat-khau/xong/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("hai-lop/", views.SecondFactorView.as_view(), name="mfa_index"),
    path("hai-lop/qua-thu/", login_required(whole(views.LateView.as_view())), name="mfa_late"),
    path("hai-lop/qua-thu/<str:token>/", login_required(require_safe(views.late_link)), name="mfa_late_link"),
    path("hai-lop/ung-dung/", whole(in_time(views.ActivateTOTPView.as_view())), name="mfa_activate_totp"),
    path("hai-lop/ung-dung/tat/", whole(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("hai-lop/ma-du-phong/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("hai-lop/ma-du-phong/moi/", whole(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("hai-lop/ma-du-phong/tai-ve/", views.DownloadCodesView.as_view(), name="mfa_download_recovery_codes"),
    path("hai-lop/khoa-truy-cap/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("hai-lop/khoa-truy-cap/them/", whole(in_time(views.AddPasskeyView.as_view())), name="mfa_add_webauthn"),
    path("hai-lop/khoa-truy-cap/<int:pk>/bo/", whole(views.RemovePasskeyView.as_view()), name="mfa_remove_webauthn"),
    path("hai-lop/khoa-truy-cap/<int:pk>/doi-ten/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("phien-dang-nhap/", views.SessionsView.as_view(), name="usersessions_list"),
    path("lien-ket/", whole(social.connections), name="socialaccount_connections"),
    path("lien-ket/da-huy/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("lien-ket/loi/", social.login_error, name="socialaccount_login_error"),
]
# The two addresses of each other site through which one may log in: where it is asked, and where it answers.
for provider in settings.SOCIALACCOUNT_PROVIDERS:
    urls = import_module(f"allauth.socialaccount.providers.{provider}.urls")
    urlpatterns.append(path("lien-ket/", include(urls.urlpatterns[:1])))
