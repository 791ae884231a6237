"""Templating: the starts for new articles are kept in order."""

from django.db import transaction

from news import markup
from news.models import ArticleTemplate
from news.text.normalize import clean_line, clean_text


def keep(template: ArticleTemplate) -> ArticleTemplate:
    """Put the template's texts in order (NFC, single lines, sanitised body) and save it."""
    for name in ("name", "hint", "title", "kicker", "tags"):
        setattr(template, name, clean_line(getattr(template, name)))
    template.lead = clean_text(template.lead)
    template.body = markup.sanitise(template.body)
    with transaction.atomic():
        template.save()
    return template
