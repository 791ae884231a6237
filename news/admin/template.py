"""Starts for new articles: the page where they are kept, and what "Bài mới" offers."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest

from news.admin.desk import DeskAdmin
from news.forms.article import ArticleDesk
from news.forms.template import TemplateForm
from news.models import Article, ArticleTemplate
from news.queries.picks import bare_number
from news.services import templating

MOST_OFFERED: Final = 12


class ArticleTemplateAdmin(DeskAdmin):
    """The starts, newest last; editors and up change them."""

    form = TemplateForm
    cursor = "pk"
    list_display = ("name", "hint", "genre", "order", "offered")
    list_display_links = ("name",)
    list_defer = ("lead", "body")
    fields = tuple(TemplateForm.Meta.fields)

    @admin.display(description="đang dùng")
    def offered(self, template: ArticleTemplate) -> str:
        """Whether "Bài mới" shows it."""
        return "có" if template.is_offered else "không"

    def save_model(self, request: HttpRequest, obj: ArticleTemplate, form: Any, change: Any) -> None:
        """Through the service."""
        templating.keep(obj)


def start_of(request: HttpRequest) -> ArticleTemplate | None:
    """The start that `?mau=` names, where a form is opened; None for none, or for one that is no longer offered."""
    number = bare_number(request.GET.get("mau", "")[:30]) if request.method == "GET" else None
    if number is None:
        return None
    return ArticleTemplate.objects.select_related("section").filter(pk=number, is_offered=True).first()


def article_of(start: ArticleTemplate | None) -> Article:
    """An unsaved article with what the start brings; nothing is kept before somebody saves."""
    if start is None:
        return Article()
    return Article(
        title=start.title,
        kicker=start.kicker,
        lead=start.lead,
        body=start.body,
        genre=start.genre,
        section=start.section,
    )


def initial_of(request: HttpRequest, article: Article) -> dict[str, Any]:
    """What a start brings that is no column of the article: its tags, as one types them."""
    start = start_of(request) if article.pk is None else None
    return {"tags": start.tags} if start is not None else {}


def new_context(request: HttpRequest, desk: ArticleDesk) -> dict[str, Any]:
    """What the page of a new article shows besides its form: the starts on offer, the one chosen. One query, or two."""
    if desk.form.is_bound:
        return {}
    start = start_of(request)
    offered = ArticleTemplate.objects.filter(is_offered=True).order_by("order", "id")
    return {
        "title": "Bài mới",
        "templates": list(offered.only("id", "name", "hint")[:MOST_OFFERED]),
        "start": start,
        "opens_delegation": bool(start and start.opens_delegation),
    }
