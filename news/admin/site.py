"""The admin site of the newsroom."""

from django.contrib.admin import AdminSite


class NewsroomAdminSite(AdminSite):
    """Django admin as the newsroom's desk."""
