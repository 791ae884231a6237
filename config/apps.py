"""App configurations the project chooses for third-party apps."""

from django.contrib.admin.apps import AdminConfig


class NewsroomAdminConfig(AdminConfig):
    """Django admin with the newsroom's own site: grouped by task, logged in through the accounts."""

    default_site = "news.admin.site.NewsroomAdminSite"
