"""Users, tokens and sessions over HTTP: made, used, ended; no secret is told twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mrr.access import Access, NotKnown
from mrr.book import Book
from mrr.journal import Journal
from tests.api.conftest import Service

PASSWORD = "a sentence of one's own"


def _ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _as(service: Service, token: str) -> httpx.Client:
    return httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_a_token_is_made_used_and_ended(service: Service) -> None:
    with service.client("admin") as admin:
        made = _ok(admin.post("/v1/access/tokens", json={"name": "bi", "scopes": ["read"], "days": 30}), 201)
        listed = _ok(admin.get("/v1/access"))
        assert made["token"] not in str(listed)
        (held,) = [one for one in listed["rows"] if one["key_id"] == made["key_id"]]
        assert (held["name"], held["scopes"], held["ended_at"]) == ("bi", ["read"], None)
        assert held["expires_at"] - held["created_at"] == 30 * 86_400_000_000
        with _as(service, made["token"]) as client:
            assert _ok(client.get("/v1/me")) == {"name": "bi", "scopes": ["read"]}
            assert client.get("/v1/access").status_code == 403
            assert client.post("/v1/access/tokens", json={"name": "me", "scopes": ["admin"]}).status_code == 403
            _ok(admin.delete(f"/v1/access/tokens/{made['key_id']}"))
            assert client.get("/v1/me").status_code == 401
        assert admin.delete(f"/v1/access/tokens/{made['key_id']}").status_code == 400
        assert admin.post("/v1/access/tokens", json={"name": "x", "scopes": ["all"]}).status_code == 422


@contextmanager
def _logged_in(service: Service, name: str, password: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30) as browser:
        answer = browser.post("/login", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
        yield browser


def test_a_user_logs_in_until_an_admin_says_no(service: Service) -> None:
    with service.client("admin") as admin:
        said = {"name": "ada", "password": PASSWORD, "scopes": ["read"]}
        assert admin.post("/v1/access/users", json={**said, "password": "short"}).status_code == 422
        _ok(admin.post("/v1/access/users", json=said), 201)
        with _logged_in(service, "ada", PASSWORD) as browser:
            assert _ok(browser.get("/v1/me"))["name"] == "ada"
            _ok(admin.post("/v1/access/users", json={**said, "password": PASSWORD + "!"}), 201)
            assert browser.get("/v1/me").status_code == 401, "a new password ends what began with the old one"
        with _logged_in(service, "ada", PASSWORD + "!") as browser:
            _ok(admin.delete("/v1/access/users/ada"))
            assert browser.get("/v1/me").status_code == 401
            refused = browser.post("/login", data={"name": "ada", "password": PASSWORD + "!"})
            assert refused.status_code == 401
        steps = _ok(admin.get("/v1/trail", params={"limit": 10_000}))["rows"]
        assert PASSWORD not in str(steps)
        assert "log in refused" in {step["action"] for step in steps}


def test_a_session_ends_with_the_token_that_it_began_with(tmp_path_factory: pytest.TempPathFactory) -> None:
    journal = Journal.create(tmp_path_factory.mktemp("keys") / "journal.sqlite", created_at=0)
    access = Access(journal)
    token = access.token("ada", ["read"], 0, expires_at=1_000)
    other = access.session(access.token("bob", ["read"], 0), 1)
    session = access.session(token, 1)
    assert access.known(session, 999).csrf
    with pytest.raises(NotKnown):
        access.known(session, 1_000)
    with pytest.raises(NotKnown):
        access.session(session, 2)
    access.revoke(access.known(token, 2).key_id, 3)
    with pytest.raises(NotKnown):
        access.known(session, 4)
    assert access.known(other, 4).name == "bob"


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_sees(service: Service) -> None:
    with Book(service.folder) as book:
        book.access.user("eve", PASSWORD, ["read", "operate"], 0)
    answer = httpx.post(f"{service.url}/login", data={"name": "eve", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert "secure" not in cookie, "on plain HTTP a browser would not send it back"
    behind = {"X-Forwarded-Proto": "https"}
    answer = httpx.post(f"{service.url}/login", data={"name": "eve", "password": PASSWORD}, headers=behind)
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    secret = answer.cookies["mrr_session"]
    with _as(service, secret) as client:
        assert client.get("/v1/me").status_code == 401, "a cookie is no token"
