"""Alerts and digests arrive at a real mail server and a real web hook; what does not arrive is itself an alert."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from mrr import Book
from mrr.book import clock
from mrr.errors import WrongUse
from mrr.policy import standard
from tests.api.conftest import told
from tests.watch.sinks import Hook, Post, http, smtp

# Apprise loads a module of the standard library that is going to leave it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book with a history and an entry that cannot be read, as urgent as can be."""
    with Book.create(tmp_path / "book", policy=standard()) as made:
        facts = [told(f"c{number}", "2025-01-10T00:00:00Z", "100") for number in range(3)]
        made.append_bodies([msgspec.json.encode(fact) for fact in [*facts, {"fact": "weather"}]], source="native")
        yield made


@pytest.fixture
def post() -> Iterator[Post]:
    with smtp() as found:
        yield found


@pytest.fixture
def hook() -> Iterator[Hook]:
    with http() as found:
        yield found


PAGED = '[rules.quarantined]\nurgency = "page"\n'


def routed(book: Book, **routes: str) -> None:
    """Have the quarantine page, and all routes hear of it."""
    text = "".join(f'[routes.{name}]\nurls = ["{url}"]\n' for name, url in routes.items())
    (book.folder / "watch.toml").write_text(f'link = "https://books.example"\n{PAGED}{text}')


def test_a_letter_has_what_since_when_remedy_link_and_a_chart(book: Book, post: Post) -> None:
    routed(book, mail=post.address)
    assert book.watch().sent == ["alert 1 opened to mail"]
    (letter,) = post.letters
    assert str(letter["Subject"]).startswith("[page] 1 entry of native quarantined: fact: expected one of")
    parts = {part.get_content_type(): part for part in letter.walk()}
    text = parts["text/html"].get_payload(decode=True)
    assert isinstance(text, bytes)
    for words in (
        b"mrr build",
        b"docs/runbooks/outcome.quarantined.md",
        b"https://books.example/on-call?alert=1#alert-1",
    ):
        assert words in text
    picture = parts["image/png"].get_payload(decode=True)
    assert isinstance(picture, bytes)
    assert picture.startswith(b"\x89PNG")
    # It is told once, however often the watchers look.
    assert book.watch().sent == []
    assert len(post.letters) == 1


def test_a_hook_hears_when_it_begins_and_when_it_is_over(book: Book, hook: Hook) -> None:
    routed(book, hook=hook.address)
    book.watch()
    book.resolve(alert=1, author="ada", reason="sent again by the provider")
    assert book.watch().sent == ["alert 1 resolved to hook"]
    assert [one["type"] for one in hook.told] == ["failure", "success"]
    assert "sent again by the provider" in hook.told[1]["message"]
    assert base64.b64decode(hook.told[0]["attachments"][0]["base64"]).startswith(b"\x89PNG")


def test_what_does_not_arrive_is_tried_again_and_is_itself_an_alert(book: Book, hook: Hook, post: Post) -> None:
    routed(book, hook=hook.address, mail=post.address)
    hook.status, begin = 500, clock.now()
    turn = book.watch()
    assert turn.sent == ["alert 1 opened to mail"]
    assert len(turn.unsent) == 1
    assert "500" in turn.unsent[0]
    with clock.standing(begin + 2 * MINUTE):
        assert book.watch().opened == [2]
    alert = book.alert(alert=2)
    assert (alert.cause, alert.urgency, alert.rules) == ("route:hook", "page", ["watch.delivery"])
    assert any("[page] messages do not arrive on the route hook" in str(letter["Subject"]) for letter in post.letters)
    # The hook works again: everything that waited arrives, and the alert ends by itself.
    hook.status = 200
    with clock.standing(begin + 20 * MINUTE):
        assert sorted(book.watch().sent) == ["alert 1 opened to hook", "alert 2 opened to hook"]
    for minute in (21, 55):
        with clock.standing(begin + minute * MINUTE):
            book.watch()
    assert book.alert(alert=2).state == "resolved"


def test_tries_grow_further_apart(book: Book, hook: Hook) -> None:
    routed(book, hook=hook.address)
    hook.status, begin = 503, clock.now()
    tried = []
    for minute in range(40):
        with clock.standing(begin + minute * MINUTE):
            tried += [minute] if any("alert 1" in line for line in book.watch().unsent) else []
    assert tried == [0, 1, 3, 7, 15, 31]


def test_an_address_is_a_secret_of_the_environment(book: Book, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    routed(book, hook="ONCALL_URL")
    assert book.watch().unsent == ["alert 1 opened to hook: the variable ONCALL_URL is not set"]
    monkeypatch.setenv("ONCALL_URL", hook.address)
    assert book.test_route(route="hook") == ""
    assert hook.told[0]["title"] == "A test of the route hook"
    with pytest.raises(WrongUse, match="nowhere"):
        book.test_route(route="nowhere")


def test_an_address_that_is_none_is_told_without_its_password(book: Book) -> None:
    routed(book, hook="carrier-pigeon://secret@loft")
    (told_of,) = book.watch().unsent
    assert told_of == "alert 1 opened to hook: carrier-pigeon is no address of Apprise"


def test_digests_go_out_once_a_period_from_their_hour_on(book: Book, hook: Hook) -> None:
    (book.folder / "watch.toml").write_text(
        f'[routes.finance]\nurls = ["{hook.address}"]\ntells = ["daily", "monthly"]\n[digests]\nat = "07:30"\n'
    )
    begin = (clock.now() + timedelta(days=40)).replace(day=1, hour=7, minute=0, second=0, microsecond=0)
    sent = []
    for hours in (0, 1, 2, 25, 26):
        with clock.standing(begin + timedelta(hours=hours)):
            sent.append(sorted(book.watch().sent))
    # On the first morning both are due, the month that is over included; a day later only the day.
    assert sent == [[], ["daily digest to finance", "monthly digest to finance"], [], ["daily digest to finance"], []]
    assert "300 USD MRR" in hook.told[0]["title"]


def test_two_watchers_of_one_book_tell_once(book: Book, hook: Hook) -> None:
    routed(book, hook=hook.address)
    with Book(book.folder) as other:
        assert [book.watch().sent, other.watch().sent].count([]) == 1
    assert len(hook.told) == 1
