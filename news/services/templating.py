"""Templating: the starts for new articles and the ready-made answers to letters are kept in order."""

from django.db import transaction

from news import markup
from news.models import ArticleTemplate, ReplyTemplate
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


def keep_reply(template: ReplyTemplate) -> ReplyTemplate:
    """Put a ready-made answer's texts in order and save it."""
    template.name, template.body = clean_line(template.name), clean_text(template.body)
    with transaction.atomic():
        template.save()
    return template
