"""Pictures of every page and state, light and dark: `python -m tests.browser.screens docs/screens` makes them."""

import argparse
import base64
import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from mrr.book import Book, clock
from tests.api.conftest import Service, ended, started
from tests.browser import shift, stock
from tests.browser.places import EVERY, Place

CUSTOMERS, MONTHS = 240, 30
WIDE, PHONE = (1440, 900), (375, 812)
ON_A_PHONE = ("overview", "movements", "customer", "on-call", "incident")
# A page that is longer than this is cut: what matters is above.
LONGEST = 1_500
# The commonest colours of a picture, in the browser: a drawing has few, the edges of its letters many that look alike.
_FEW = """async bytes => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + bytes)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height), ink = canvas.getContext('2d');
  ink.drawImage(image, 0, 0);
  const seen = ink.getImageData(0, 0, image.width, image.height).data, counts = new Map(), near = new Map();
  const at = n => (seen[n] << 16) | (seen[n + 1] << 8) | seen[n + 2];
  for (let n = 0; n < seen.length; n += 4) counts.set(at(n), (counts.get(at(n)) ?? 0) + 1);
  const kept = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 128).map(one => one[0]);
  const apart = (a, b) => [16, 8, 0].reduce((sum, bit) => sum + (((a >> bit) & 255) - ((b >> bit) & 255)) ** 2, 0);
  const nearest = colour => kept.reduce((best, one, n) => apart(one, colour) < apart(kept[best], colour) ? n : best, 0);
  const told = new Uint8Array(seen.length / 4);
  for (let n = 0; n < seen.length; n += 4) {
    const colour = at(n);
    if (!near.has(colour)) near.set(colour, nearest(colour));
    told[n / 4] = near.get(colour);
  }
  let text = '';
  for (let n = 0; n < told.length; n += 32768) text += String.fromCharCode(...told.subarray(n, n + 32768));
  return { width: image.width, height: image.height, kept, told: btoa(text) };
}"""


def png(width: int, height: int, colours: list[int], pixels: bytes) -> bytes:
    """A picture with a palette."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    palette = b"".join(struct.pack(">I", colour)[1:] for colour in colours)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"PLTE", palette) + chunk(b"IDAT", zlib.compress(lines, 9))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def looks(place: Place) -> Iterator[tuple[str, tuple[int, int], str]]:
    """In which sizes and themes a place is shown: file name, size, theme."""
    for theme in ("light", "dark"):
        yield f"{place.name}-{theme}.png", WIDE, theme
    if place.name in ON_A_PHONE:
        yield f"{place.name}-phone.png", PHONE, "light"


def shot(browser: Browser, service: Service, path: str, size: tuple[int, int], theme: str) -> bytes:
    """The picture of a page once all of it is drawn."""
    context = browser.new_context(
        base_url=service.url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        extra_http_headers={"Authorization": f"Bearer {service.tokens['admin']}"},
    )
    page = context.new_page()
    page.goto(path)
    page.wait_for_selector("html[data-ready]")
    tall = min(page.evaluate("document.documentElement.scrollHeight"), LONGEST)
    page.set_viewport_size({"width": size[0], "height": tall})
    taken = page.screenshot()
    context.close()
    return taken


def smaller(page: Page, taken: bytes) -> bytes:
    """The same picture with few colours."""
    told = page.evaluate(_FEW, base64.b64encode(taken).decode())
    return png(told["width"], told["height"], told["kept"], base64.b64decode(told["told"]))


def make(folder: Path, names: list[str]) -> None:
    """Make a book, close what is old of it, and take the pictures that are named, or all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        book = Path(made) / "Alderway"
        now = clock.now()
        with clock.standing(now - timedelta(days=1, minutes=20)):
            tokens = stock.stocked(book, CUSTOMERS, MONTHS)
            close(book)
        shift.worked(book, now)
        words = stock.words(book)
        process, url = started(book)
        service = Service(url, book, tokens, process)
        service.ready(1)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(browser, service, folder, words, names)
        browser.close()
        ended(process)


def close(folder: Path) -> None:
    """Close all months but the last one that is over, so that pages show closed and provisional ones."""
    with Book(folder) as book:
        months = [f"{row.period_starts_on:%Y-%m}" for row in book.rollforward().rows]
        for month in months[-8:-2]:
            book.close_month(month=month, author="Mara Okafor", reason="month end", force=True)


def take(browser: Browser, service: Service, folder: Path, words: Mapping[str, str], names: list[str]) -> None:
    """Every picture into the folder."""
    # A page of its own, under no policy of ours, reckons the colours.
    reckons = browser.new_page()
    for place in EVERY:
        if names and place.name not in names:
            continue
        for name, size, theme in looks(place):
            picture = smaller(reckons, shot(browser, service, place.path.format(**words), size, theme))
            (folder / name).write_bytes(picture)
            print(f"{len(picture) // 1024:>4} kB  {name}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="only these pages")
    told = parser.parse_args()
    make(told.folder, told.names)
