"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, roles and log-in."""

    name = "accounts"
    verbose_name = "Tài khoản"
