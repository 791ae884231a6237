"""The news app."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    """The newsroom."""

    name = "news"
    verbose_name = "Tòa soạn"

    def ready(self) -> None:
        """Register the system checks."""
        from news import system_checks  # noqa: F401, PLC0415 - registering is the import's purpose
