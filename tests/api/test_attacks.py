"""Attacks on a real service: each is refused, and leaves the book as it was."""

import csv
import io
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from mrr.book import Book
from tests.api.conftest import Service

PASSWORD = "a sentence of one's own"
AS_OF = "2025-04-01"


def _head(service: Service) -> int:
    with Book(service.folder) as book:
        return book.journal.head().seq


def _raw(service: Service, sent: bytes) -> bytes:
    """What is answered to exact bytes, as no library would send them."""
    address = urlsplit(service.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as connection:
        connection.sendall(sent)
        return connection.recv(65_536)


@pytest.fixture(scope="module")
def browser(service: Service) -> Iterator[httpx.Client]:
    """A browser with a session that may do much."""
    with Book(service.folder) as book:
        book.access.user("ada", PASSWORD, ["read", "operate", "close"], 0)
    with httpx.Client(base_url=service.url, timeout=30) as client:
        assert client.post("/login", data={"name": "ada", "password": PASSWORD}).status_code == 303
        yield client


def _csrf(browser: httpx.Client) -> str:
    page = browser.get("/customers").text
    return page.split('name="csrf" value="')[1].split('"')[0]


# ----- bodies


def _chunks(size: int) -> Iterator[bytes]:
    for _ in range(size >> 16):
        yield b"x" * (1 << 16)


@pytest.mark.parametrize("path", ["/webhooks/stripe", "/login", "/v1/edits/exclude", "/v1/events"])
def test_a_body_without_a_length_ends_at_the_limit(service: Service, path: str) -> None:
    """In chunks nobody knows how much is to come."""
    kind = "application/x-www-form-urlencoded" if path == "/login" else "application/json"
    with service.client("admin") as client:
        answer = client.post(
            path, content=_chunks(17 << 20 if path == "/v1/events" else 2 << 20), headers={"Content-Type": kind}
        )
    assert answer.status_code == 413


def test_a_length_that_is_none(service: Service) -> None:
    for length in (b"-1", b"abc", b"1e9", b"99999999999999999999"):
        sent = b"POST /webhooks/stripe HTTP/1.1\r\nHost: here\r\nContent-Length: " + length + b"\r\n\r\n{}"
        status = _raw(service, sent).split(b" ")[1]
        assert status in (b"400", b"413"), (length, status)


def test_two_lengths_smuggle_nothing(service: Service) -> None:
    """A length beside chunks: a proxy and the service must not see two different requests."""
    sent = (
        b"POST /webhooks/stripe HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /v1/trail HTTP/1.1\r\nHost: here\r\n\r\n"
    )
    assert b"audit_seq" not in _raw(service, sent)
    double = b"POST /webhooks/stripe HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"
    assert _raw(service, double).split(b" ")[1] == b"400"


def test_a_head_without_an_end(service: Service) -> None:
    """Nobody keeps what never becomes a request, be it one long line or many."""
    for part in (b"x" * 4_096, b"X-A: b\r\n" * 512):
        address = urlsplit(service.url)
        with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\nX-Long: ")
            sent = 0
            try:
                while sent < 1 << 20:
                    connection.sendall(part)
                    sent += len(part)
                answer = connection.recv(100)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
            assert sent < 1 << 20 or answer.startswith(b"HTTP/1.1 400")
            assert not answer.startswith(b"HTTP/1.1 200")


def test_json_that_nobody_reads_to_its_end(service: Service) -> None:
    with service.client("admin") as client:
        deep = client.post("/v1/policy/check", content=b"[" * 100_000, headers={"Content-Type": "application/json"})
        assert deep.status_code in (400, 422)
        deeper = client.post("/v1/imports/rehearsal", content=b"[" * 100_000)
        assert deeper.status_code in (400, 200)
        bomb = b"\x1f\x8b" + b"\x00" * 100
        assert client.post("/v1/imports", content=bomb).status_code == 400


# ----- paths and files


PATHS = [
    "../../../../etc/passwd",
    "%2e%2e/%2e%2e/mrr.toml",
    "..%2f..%2fmrr.toml",
    "....//mrr.toml",
    "%00",
    "/etc/passwd",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out(service: Service, path: str) -> None:
    for place in (f"/static/{path}", f"/v1/export/{path}", f"/v1/charts/{path}", f"/customers/{path}"):
        answer = _raw(
            service,
            f"GET {place} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {service.tokens['admin']}\r\n\r\n".encode(),
        )
        status = int(answer.split(b" ")[1])
        assert 300 <= status < 500, (place, status)
        assert b"root:" not in answer
        assert b"format = 1" not in answer


FILES = ["policy.toml", "../policy.toml", "mrr.toml"]


def _of_ledger(client: httpx.Client, words: str) -> list[tuple[int, str]]:
    """What every question says of words that name a ledger or policy."""
    asked = [
        client.get("/v1/rollforward", params={"ledger": words}),
        client.get("/v1/bridge", params={"left": words}),
        client.get("/v1/policy", params={"policy": words}),
        client.get("/v1/policy/trial", params={"policy": words}),
        client.post("/v1/policy/versions", json={"policy": words, "reason": "x"}),
    ]
    return [(answer.status_code, answer.json()["detail"].replace(words, "…")) for answer in asked]


@pytest.mark.parametrize("name", FILES)
def test_words_that_name_a_ledger_name_no_file(service: Service, name: str) -> None:
    """On the machine itself `ours.toml` is a policy; from afar it would tell what there is on the disk."""
    path = service.folder / name
    with service.client("admin") as client:
        for more in ("", ",churn_at=request"):
            there, absent = _of_ledger(client, f"{path}{more}"), _of_ledger(client, f"{path}{more}"[:-1] + "~")
            assert {status for status, _ in there} == {400}
            if not more:
                assert {told for _, told in there} == {"there is no preset …"} == {told for _, told in absent}


def test_pages_name_no_file_either(service: Service, browser: httpx.Client) -> None:
    for name in ("policy.toml", "absent.toml"):
        policy = str(service.folder / name)
        for place, words in (("/", "ledger"), ("/movements", "ledger"), ("/bridge", "left"), ("/policy", "try")):
            answer = browser.get(place, params={words: policy, "right": "now"})
            assert "Traceback" not in answer.text
            assert answer.status_code in (200, 400), place
            assert "no such file" not in answer.text.lower()
            assert "is no TOML" not in answer.text


# ----- injection


def test_headers_hold_one_line(service: Service) -> None:
    with service.client("admin") as client:
        for path in ("/v1/metrics/arr%0d%0aSet-Cookie:%20a=b", "/v1/export/summary%0d%0aX:%20y"):
            answer = client.get(path, headers={"Accept": "text/csv"})
            assert answer.status_code == 400
            assert "set-cookie" not in answer.headers
        paged = client.get("/v1/customers", params={"limit": 1, "customer": "a\r\nSet-Cookie: a=b"})
        assert "set-cookie" not in paged.headers
        moved = client.get("/v1/movements/x%22;filename=%22evil.exe", headers={"Accept": "application/json"})
        assert moved.status_code == 400
        odd = client.get("/v1/customers/%22%0d%0aä", params={"as_of": AS_OF})
        assert odd.status_code in (400, 404)
    bare = b"GET /v1/health HTTP/1.1\r\nHost: here\r\nX: a\nSet-Cookie: b\r\n\r\n"
    assert b"set-cookie" not in _raw(service, bare).lower()


HOSTILE = "=HYPERLINK(A1&B1)"
MARKUP = "<img src=x onerror=alert(1)>"


def test_a_name_is_no_formula_and_no_markup(service: Service, browser: httpx.Client) -> None:
    """Whoever can become a customer can choose a name: it reaches the spreadsheets and pages of finance."""
    fact = {"fact": "subscription", "status": "active", "currency": "USD", "period": ["2025-01-01", "2030-01-01"]}
    lines = []
    for number, name in enumerate((HOSTILE, MARKUP, "@SUM(1)", "+1", "-1+1", "\tx")):
        item = {"item": f"h{number}", "product": name, "price": "p", "unit_amount": "1", "interval": "month"}
        said = {"customer": name, "subscription": f"H{number}", "effective_at": "2025-03-01T00:00:00Z", "items": [item]}
        lines.append(json.dumps(fact | said))
    with service.client("admin") as client:
        assert client.post("/v1/imports", content="\n".join(lines)).json()["counts"]["decoded"] == 6
        text = client.get("/v1/customers", params={"form": "csv"}).text
        names = [row["customer_id"] for row in csv.DictReader(io.StringIO(text))]
        assert {f"'{HOSTILE}", MARKUP, "'@SUM(1)", "'+1", "'-1+1"} <= set(names)
        assert not [name for name in names if name.startswith(("=", "+", "-", "@", "\t", "\r"))]
        exact = client.get("/v1/customers").json()["rows"]
        assert HOSTILE in {row["customer_id"] for row in exact}, "what is no spreadsheet gets the name as it is"
    for place in ("/", "/customers", "/movements", f"/customers/{MARKUP}"):
        assert MARKUP not in browser.get(place).text, place


SQL = ["'; DROP TABLE ledger.movement; --", "' OR '1'='1", "1) UNION SELECT 1 --", "\\'; SELECT 1", "x\x00y"]


@pytest.mark.parametrize("word", SQL)
def test_words_are_values_and_no_sql(service: Service, word: str) -> None:
    with service.client("admin") as client:
        before = client.get("/v1/rollforward", params={"as_of": AS_OF}).json()["rows"]
        for path, words in (
            ("/v1/movements", {"customer": word}),
            ("/v1/customers", {"customer": word}),
            ("/v1/entries", {"text": word, "source": word, "kind": word, "customer": word}),
            ("/v1/directory", {"search": word}),
        ):
            answer = client.get(path, params={**words, "limit": "10"})
            assert (path, answer.status_code, answer.json()["rows"]) == (path, 200, [])
        for path, words in (
            ("/v1/rollforward", {"by": word}),
            ("/v1/rollforward", {"where": f"{word}=x"}),
            ("/v1/rollforward", {"ledger": f"sources={word}"}),
            ("/v1/metrics/arr", {"as_of": word}),
            ("/v1/impact", {"where": f"{word}={word}"}),
        ):
            answer = client.get(path, params=words)
            assert answer.status_code in (200, 400), (path, answer.status_code)
        assert client.get("/v1/rollforward", params={"as_of": AS_OF}).json()["rows"] == before


# ----- sessions and other sites


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_changes_nothing(service: Service, browser: httpx.Client, headers: dict[str, str]) -> None:
    """Not even where it had got hold of the token of the session, and no browser can be logged in from there."""
    before = _head(service)
    said = {"customer": "acme", "reason": "x"}
    guessed = {**headers, "X-CSRF-Token": _csrf(browser)}
    assert browser.post("/v1/edits/exclude", json=said, headers=guessed).status_code == 403
    assert browser.post("/login", data={"name": "ada", "password": PASSWORD}, headers=headers).status_code == 403
    assert browser.post("/logout", data={"csrf": _csrf(browser)}, headers=headers).status_code == 403
    assert _head(service) == before
    assert browser.get("/v1/me").status_code == 200


def test_a_change_needs_the_token_of_its_session(service: Service, browser: httpx.Client) -> None:
    before = _head(service)
    said = {"customer": "acme", "reason": "x"}
    for told in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "guess"}):
        assert browser.post("/v1/edits/exclude", json=said, headers=told).status_code == 403
    # What no header may hold is no request at all.
    assert browser.post("/v1/edits/exclude", json=said, headers={"X-CSRF-Token": "\x7f"}).status_code == 400
    assert _head(service) == before
    own = {"X-CSRF-Token": _csrf(browser), "Origin": service.url, "Sec-Fetch-Site": "same-origin"}
    made = browser.post("/v1/edits/exclude", json=said, headers=own)
    assert made.status_code == 201
    assert made.json()["author"] == "ada"


def test_a_session_is_never_the_one_from_before(service: Service) -> None:
    """Whoever has slipped a cookie to somebody is not let in by it once they log in."""
    with httpx.Client(base_url=service.url) as thief, httpx.Client(base_url=service.url) as victim:
        thief.post("/login", data={"name": "ada", "password": PASSWORD})
        planted = thief.cookies["mrr_session"]
        victim.cookies.set("mrr_session", planted)
        victim.post("/login", data={"name": "ada", "password": PASSWORD})
        assert thief.get("/v1/me").status_code == 401, "what was planted is over"
        answer = httpx.post(
            f"{service.url}/login", data={"name": "ada", "password": PASSWORD}, cookies={"mrr_session": "chosen"}
        )
        assert answer.cookies["mrr_session"] not in ("chosen", planted)


def test_the_way_in_leads_nowhere_else(service: Service) -> None:
    for place in (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ):
        answer = httpx.post(f"{service.url}/login", data={"name": "ada", "password": PASSWORD, "next": place})
        assert answer.status_code == 303
        target = answer.headers["location"]
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\", "/\t"))


def test_passwords_are_not_guessed_for_long(service: Service) -> None:
    with Book(service.folder) as book:
        book.access.user("bob", PASSWORD, ["read"], 0)
    with httpx.Client(base_url=service.url, timeout=30) as client:
        for _ in range(5):
            assert client.post("/login", data={"name": "bob", "password": "wrong"}).status_code == 401
        late = client.post("/login", data={"name": "bob", "password": PASSWORD})
        assert (late.status_code, "mrr_session" in late.cookies) == (401, False)
        assert "too many" in late.text
        assert client.post("/login", data={"name": "ada", "password": PASSWORD}).status_code == 303


def test_a_token_in_a_url_is_refused_and_not_written_down(service: Service) -> None:
    token = service.tokens["read"]
    for place in (
        f"/v1/metrics?token={token}",
        f"/v1/movements/{token}",
        f"/?access_token={token}",
        f"/login?next={token}",
    ):
        answer = httpx.get(f"{service.url}{place}", headers={"Authorization": f"Bearer {token}"})
        assert (place, answer.status_code) == (place, 400)
        assert "revoke" in answer.text.lower()
    with Book(service.folder) as book:
        assert token not in str(list(book.trail.steps()))


def test_methods_and_hosts_that_nobody_serves(service: Service) -> None:
    with service.client("admin") as client:
        for method in ("TRACE", "CONNECT", "PROPFIND", "PUT"):
            assert client.request(method, "/v1/metrics").status_code in (400, 404, 405)
        assert client.get("/v1/rollforward", params={"interwal": "year"}).status_code == 400
        override = client.post("/v1/metrics", headers={"X-HTTP-Method-Override": "GET"})
        assert override.status_code in (404, 405)
