"""Write `.env` with fresh keys where there is none: `python -m config.first_run`. Standard library only."""

import base64
import secrets
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"


def fresh_keys() -> str:
    """The lines of a new `.env`: four keys made on this machine, nothing else."""

    def key(size: int = 32) -> str:
        return base64.urlsafe_b64encode(secrets.token_bytes(size)).decode()

    return (
        "# Khóa bí mật của riêng máy này, sinh lần chạy đầu. Giữ kín, sao lưu riêng với cơ sở dữ liệu.\n"
        f"SECRET_KEY={key(48)}\nLEDGER_KEY={key()}\nREADER_KEYS={key()}\nREADER_LOOKUP_KEY={key()}\n"
    )


def main() -> None:
    """Create `.env` (readable by its owner only) unless it exists."""
    if ENV_FILE.exists():
        return
    ENV_FILE.touch(mode=0o600)
    ENV_FILE.write_text(fresh_keys(), encoding="utf-8")
    print(f"Đã tạo {ENV_FILE.name} với khóa bí mật mới.")


if __name__ == "__main__":
    main()
