"""QR codes."""

import io

import segno


def qr_code(text: str) -> bytes:
    """A QR code of the text, black on white with its quiet zone, as an SVG file."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", border=4, light="#fff", omitsize=True)
    return buffer.getvalue()
