"""Reading a page's form as a browser without JavaScript does, so that a test sends what a person would."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

SILENT = {"submit", "button", "image", "reset", "file"}


class _Reader(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.data: dict[str, list[str]] = {}
        self.buttons: list[tuple[str, str, str]] = []
        self._inside = self._template = 0
        self._select: tuple[str, bool] | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._text = ""
        self._button: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._inside = int(not self.form_id or found.get("id") == self.form_id)
        if tag == "template":
            self._template += 1
        if not self._inside or self._template:
            return
        name = found.get("name") or ""
        if tag == "input" and name and found.get("type", "text") not in SILENT:
            if found.get("type") in {"checkbox", "radio"}:
                if "checked" in found:
                    self.data.setdefault(name, []).append(found.get("value") or "on")
            else:
                self.data.setdefault(name, []).append(found.get("value") or "")
        elif tag == "select":
            self._select, self._options = (name, "multiple" in found), []
        elif tag == "option" and self._select:
            self._options.append((found.get("value") or "", "selected" in found))
        elif tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "button":
            self._button, self._text = (name, found.get("value") or ""), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._template -= 1
        if not self._inside or self._template:
            return
        if tag == "select" and self._select:
            name, many = self._select
            chosen = [value for value, selected in self._options if selected]
            if not chosen and not many and self._options:
                chosen = [self._options[0][0]]
            if chosen:
                self.data.setdefault(name, []).extend(chosen)
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            text = self._text.removeprefix("\n").replace("\n", "\r\n")
            self.data.setdefault(self._textarea, []).append(text)
            self._textarea = None
        elif tag == "button" and self._button is not None:
            self.buttons.append((*self._button, self._text.strip()))
            self._button = None
        elif tag == "form":
            self._inside = 0


def read_form(response: HttpResponse, form_id: str = "") -> _Reader:
    """The form with that id (default: every form of the page) with what stands in it."""
    reader = _Reader(form_id)
    reader.feed(response.content.decode())
    return reader


def send(client: Client, address: str, form_id: str = "", *, without: tuple[str, ...] = (), **changes: Any) -> Any:
    """Open the page, fill in `changes`, send the form back to the same address."""
    data: dict[str, Any] = read_form(client.get(address), form_id).data
    data.update(changes)
    for name in without:
        data.pop(name, None)
    return client.post(address, data)


def words(response: HttpResponse) -> str:
    """What stands in the page, without tags."""

    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[str] = []

        def handle_data(self, data: str) -> None:
            self.parts.append(data)

    text = Text()
    text.feed(response.content.decode())
    return " ".join(" ".join(text.parts).split())
