"""What a page weighs on a first visit, over the wire, headers included: requests and bytes, pictures apart.

    python bench/page_weight.py http://127.0.0.1:8000/ http://127.0.0.1:8000/tin/…/

It asks a site that runs (`make run`, `make serve`) with a phone's window in Chromium, waits for the view beacon, and
lists every answer.
"""

import argparse
import shutil
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def weigh(browser: Browser, address: str) -> None:
    """Print what the page asks for and how heavy each answer is."""
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    answers: dict[str, tuple[str, str]] = {}
    sizes: dict[str, int] = {}

    def answered(event: dict[str, Any]) -> None:
        answers[event["requestId"]] = (event["type"], event["response"]["url"])

    def finished(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    page.goto(address)
    page.wait_for_timeout(7000)
    text = sum(sizes.get(key, 0) for key, (kind, _) in answers.items() if kind != "Image")
    print(f"{address}: {len(answers)} requests, {text:,} bytes without pictures")
    for key, (kind, url) in answers.items():
        print(f"  {sizes.get(key, 0):>8} {kind:<12} {url}")
    context.close()


def main() -> None:
    """Weigh each address."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="*", default=["http://127.0.0.1:8000/"])
    installed = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    parser.add_argument("--chromium", default=installed, required=installed is None)
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
        for address in options.address:
            try:
                weigh(browser, address)
            except PlaywrightError as error:
                print(f"{address}: not weighed ({error.message.splitlines()[0]}); is the site running?")
        browser.close()


if __name__ == "__main__":
    main()
