"""Which mailbox an e-mail address reaches: many spellings, one reader."""

from typing import Final

_DOTS_DO_NOT_COUNT: Final = frozenset({"gmail.com", "googlemail.com"})


def mailbox(address: str) -> str:
    """The key of the mailbox behind an address: small letters, the domain in ASCII, without a "+tag".

    Where the provider says so (Gmail) without dots before the "@" either. A key for limits and for "no more mail",
    never an address to write to. Total: whatever has no "@" comes back in small letters.
    """
    address = address.strip().casefold()
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    try:
        domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = domain.rstrip(".")
    local = local.split("+", 1)[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        domain = "gmail.com"
        local = local.replace(".", "") or local
    return f"{local}@{domain}"
