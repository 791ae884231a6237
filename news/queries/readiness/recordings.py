"""Video and sound: a picture to stand for them, words for who cannot hear."""

from collections.abc import Iterator

from news.queries.readiness.finding import Copy, Finding, blocking, quoted


def recordings(copy: Copy) -> Iterator[Finding]:
    """A video has a poster, every recording its transcript; a poster is a picture like others."""
    for item in copy.content.get("recordings", ()):
        is_video, name = item["kind"] == "video", quoted(item["title"])
        what = "Video" if is_video else "Bản ghi âm"
        if is_video and not item.get("poster"):
            yield blocking("no_poster", "body", f"{what} {name} chưa có ảnh bìa.")
        elif item.get("poster") and not (item["poster"].get("alt") or "").strip():
            yield blocking("no_alt", "body", f"Thiếu mô tả (alt) cho ảnh bìa của {name}.")
        if not (item.get("transcript") or "").strip():
            yield blocking("no_transcript", "body", f"{what} {name} chưa có bản chép lời.")
