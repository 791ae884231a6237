"""The root of the addresses: the desk, the accounts, and the newsroom's public addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("quan-tri/", admin.site.urls),
    path("tai-khoan/", include("accounts.urls")),
    path("", include("news.urls")),
]

handler400 = "news.views.errors.bad_request"
handler403 = "news.views.errors.permission_denied"
handler404 = "news.views.errors.not_found"
handler500 = "news.views.errors.server_error"
