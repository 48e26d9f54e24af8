"""Who may do what: every route needs a scope, secrets are kept as digests, and everything is on the trail."""

import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from mrr.access import Access, NotKnown, TooMany, Trail
from mrr.book import Book
from mrr.errors import WrongUse
from mrr.journal import Journal
from tests.api.conftest import Service


def test_a_token_opens_what_its_scope_names(service: Service) -> None:
    with service.client("read") as reader:
        assert reader.get("/v1/rollforward").status_code == 200
        assert reader.get("/v1/rollforward", headers={"Accept": "text/csv"}).status_code == 403
    with service.client("operate") as operator:
        assert operator.get("/v1/rollforward").status_code == 403
    for wrong in ("", "Bearer", "Bearer mrr_0_0", "Basic YTpi", f"Bearer {service.tokens['read'][:-1]}x"):
        answer = httpx.get(f"{service.url}/v1/rollforward", headers={"Authorization": wrong})
        assert (wrong, answer.status_code) == (wrong, 401)


def test_every_access_is_on_the_trail(service: Service) -> None:
    with service.client("read") as client:
        client.get("/v1/metrics/arr?from=2025-02")
    with Book(service.folder) as book:
        last = list(book.trail.steps())[-1]
        assert (last.actor, last.action, last.detail) == ("t-read", "GET /v1/metrics/arr", {"query": "from=2025-02"})
        assert book.trail.broken_at() is None


def test_headers_keep_a_browser_in_bounds(service: Service) -> None:
    answer = httpx.get(f"{service.url}/health")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal.create(tmp_path / "journal.sqlite", created_at=0)


def test_tokens_end(journal: Journal) -> None:
    access = Access(journal)
    secret = access.token("grafana", ["read", "export"], 0, expires_at=100)
    actor = access.known(secret, 99)
    assert (actor.name, actor.scopes, actor.may("close")) == ("grafana", ("read", "export"), False)
    with pytest.raises(NotKnown):
        access.known(secret, 100)
    other = access.token("loader", ["operate"], 0)
    access.revoke(access.known(other, 1).key_id, 2)
    with pytest.raises(NotKnown):
        access.known(other, 3)
    with pytest.raises(WrongUse):
        access.revoke("none", 4)
    with pytest.raises(WrongUse):
        access.token("x", ["everything"], 0)


def test_passwords_and_sessions(journal: Journal) -> None:
    access = Access(journal)
    access.user("ada", "a long enough one", ["read", "close"], 0)
    session = access.known(access.log_in("ada", "a long enough one", 1), 2)
    assert session.may("close")
    assert session.csrf
    with pytest.raises(NotKnown):
        access.log_in("bob", "a long enough one", 3)
    for second in range(5):
        with pytest.raises(NotKnown):
            access.log_in("ada", "wrong", second)
    with pytest.raises(TooMany):
        access.log_in("ada", "a long enough one", 6)
    later = access.log_in("ada", "a long enough one", 16 * 60 * 1_000_000)
    access.disable("ada", 17 * 60 * 1_000_000)
    with pytest.raises(NotKnown):
        access.known(later, 17 * 60 * 1_000_000 + 1)
    with pytest.raises(WrongUse):
        access.user("eve", "short", ["read"], 0)


def test_no_secret_is_kept(journal: Journal, tmp_path: Path) -> None:
    access = Access(journal)
    secret = access.token("grafana", ["read"], 0)
    access.user("ada", "a long enough one", ["read"], 0)
    journal.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept
    assert secret.split("_", 2)[2].encode() not in kept
    assert b"a long enough one" not in kept


def test_a_trail_that_was_tampered_with_shows(journal: Journal, tmp_path: Path) -> None:
    trail = Trail(journal)
    for number in range(5):
        trail.add("ada", f"GET /{number}", {}, number)
    assert trail.broken_at() is None
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as connection:
        connection.execute("UPDATE audit SET actor = 'bob' WHERE audit_seq = 3")
    connection.close()
    assert Trail(Journal.open(tmp_path / "journal.sqlite")).broken_at() == 3


def test_a_wrong_name_takes_as_long_as_a_wrong_password(journal: Journal) -> None:
    access = Access(journal)
    access.user("ada", "a long enough one", ["read"], 0)

    def took(name: str) -> float:
        begun = time.perf_counter()
        with pytest.raises(NotKnown):
            access.log_in(name, "wrong", 0)
        return time.perf_counter() - begun

    # Without the work for unknown names the ratio would be in the hundreds.
    assert took("nobody") > took("ada") / 10
