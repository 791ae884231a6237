"""`manage.py recount_comments`: make the numbers of comments anew from the comments themselves."""

from typing import Any

from django.core.management.base import BaseCommand

from news.models import CommentTally
from news.services import placing


class Command(BaseCommand):
    """Recount."""

    help = "Đếm lại số bình luận, số trả lời của mọi bài có bình luận."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recount and say how many were wrong."""
        articles = CommentTally.objects.order_by("pk").values_list("pk", flat=True)
        wrong = placing.recount(articles.iterator())
        self.stdout.write(f"Đã đếm lại; {wrong} bài có số sai, nay đã đúng.")
