"""What is changed over HTTP: under the name of who asks, on the trail before it happens, refused with what to do."""

import json
from typing import Any

import httpx
import pytest

from mrr.book import Book
from tests.api.conftest import Service, told

AS_OF = "2025-04-01"


def _ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _mrr(client: httpx.Client, ledger: str = "now") -> int:
    found = _ok(client.get("/v1/rollforward", params={"as_of": AS_OF, "ledger": ledger}))
    return int(found["rows"][-1]["closing_micros"])


def test_an_edit_is_said_under_ones_own_name_and_taken_back(service: Service) -> None:
    with service.client("admin") as client:
        before = _mrr(client)
        said = {"customer": "beta", "reason": "a test account"}
        made = _ok(client.post("/v1/edits/exclude", json=said), 201)
        assert (made["author"], made["state"]) == ("t-admin", "standing")
        assert _mrr(client) == before - 70_000_000
        assert _ok(client.get("/v1/edits", params={"standing": "true"}))["rows"][0]["seq"] == made["seq"]
        _ok(client.post("/v1/edits/revert", json={"edit": made["seq"], "reason": "it is none"}), 201)
        assert _mrr(client) == before
        foreign = client.post("/v1/edits/exclude", json={**said, "author": "somebody else"})
        assert foreign.status_code == 422, "nobody speaks for another"
        unknown = client.post("/v1/edits/exclude", json={"customer": "nobody", "reason": "x"})
        assert (unknown.status_code, bool(unknown.json()["remedy"])) == (400, True)


def test_a_correction_is_laid_over_an_entry(service: Service) -> None:
    with service.client("admin") as client:
        before = _mrr(client)
        (fact,) = _ok(client.get("/v1/entries/1"))["facts"]
        assert fact["values"]["items.0.quantity"] == "1"
        said = {"entry": 1, "changes": {"items.0.quantity": "3"}, "reason": "three seats"}
        made = _ok(client.post("/v1/edits/correct", json=said), 201)
        assert _mrr(client) == before + 200_000_000
        _ok(client.post("/v1/edits/revert", json={"edit": made["seq"], "reason": "one seat"}), 201)
        assert _mrr(client) == before


def test_a_month_is_closed_and_opened_again(service: Service) -> None:
    with service.client("close") as closer, service.client("read") as reader:
        assert closer.get("/v1/closes").status_code == 403, "who may close may not read by that"
        assert reader.post("/v1/closes", json={"month": "2025-02"}).status_code == 403
        early = closer.post("/v1/closes", json={"month": "2099-01"})
        assert (early.status_code, "not begun" in early.json()["detail"]) == (400, True)
        sealed = _ok(closer.post("/v1/closes", json={"month": "2025-02", "force": True, "reason": "a try"}), 201)
        assert sealed["sealed"]["author"] == "t-close"
        assert [one["month"] for one in _ok(reader.get("/v1/closes"))["rows"]] == ["2025-02-01"]
        assert _ok(reader.get("/v1/closes/2025-02/restatement"))["month"] == "2025-02-01"
        shut = reader.get("/v1/rollforward", params={"to": "2025-02", "as_closed": "true"}).json()
        assert shut["definition"]["status"] == "closed"
        _ok(closer.post("/v1/closes/2025-02/reopen", json={"reason": "it was a try"}))
        assert _ok(reader.get("/v1/closes"))["rows"] == []
        assert _ok(reader.get("/v1/checks", params={"month": "2025-02"}))["checks"]


def test_a_policy_goes_from_draft_to_official_and_back(service: Service) -> None:
    with service.client("admin") as client, service.client("close") as other:
        first = {"reason": "what we have used so far"}
        _ok(client.post("/v1/policy/versions", json=first), 201)
        for _ in range(2):
            _ok(client.post("/v1/policy/versions/1/promote", json={"reason": "as agreed"}))
        said = {"values": {"churn_at": "request"}, "reason": "churn when it is asked for", "drift": "5%"}
        made = _ok(client.post("/v1/policy/versions", json=said), 201)
        assert (made["version"], made["author"], made["values"]["churn_at"]) == (2, "t-admin", "request")
        assert _ok(client.get("/v1/policy/difference", params={"left": "v1", "right": "v2"}))["keys"].keys() == {
            "churn_at"
        }
        tried = _ok(client.get("/v1/policy/trial", params={"policy": "v2"}))
        assert tried["trial"]["drift"] == "0"
        assert tried["definition"]["policy"] == "standard"
        approved = _ok(other.post("/v1/policy/versions/2/approve", json={"reason": "as agreed"}))
        assert [one["author"] for one in approved["approvals"]] == ["t-close"]
        for stage in ("shadow", "official"):
            moved = _ok(client.post("/v1/policy/versions/2/promote", json={"reason": "go on"}))
            assert moved["stage"] == stage
        assert _ok(client.get("/v1/policy"))["values"]["churn_at"] == "request"
        _ok(client.post("/v1/policy/rollback", json={"reason": "too early"}))
        assert _ok(client.get("/v1/policy"))["values"]["churn_at"] != "request"
        wrong = client.post("/v1/policy/check", json={"values": {"churn_at": "never"}})
        assert (wrong.status_code, "churn_at" in wrong.json()["detail"]) == (400, True)
        assert _ok(client.get("/v1/policy/keys"))["rows"][0]["values"]
        names = [row["name"] for row in _ok(client.get("/v1/policy/presets"))["rows"]]
        assert "chartmogul" in names
        prices = _ok(client.get("/v1/policy/prices", params={"key": "churn_at", "as_of": AS_OF}))
        assert {row["key"] for row in prices["rows"]} == {"churn_at"}


TABLE = b"customer,start,mrr\nnew-1,2025-03-01,12.50\nnew-2,2025-03-01,30\n"


def test_files_are_imported_as_the_command_imports_them(service: Service) -> None:
    events = b"\n".join(json.dumps(told(f"f{n}", "2025-03-01T00:00:00Z", "10")).encode() for n in range(3))
    with service.client("operate") as client:
        tried = _ok(client.post("/v1/imports/rehearsal", content=events))
        assert tried["change"]["mrr_after_micros"] - tried["change"]["mrr_before_micros"] == 30_000_000
        done = _ok(client.post("/v1/imports", content=events, params={"name": "../../events.jsonl"}))
        assert (done["counts"]["decoded"], done["counts"]["sources"]) == (3, ["native"])
        again = _ok(client.post("/v1/imports", files={"file": ("events.jsonl", events)}))
        assert again["counts"]["duplicates"] == 3
        rates = _ok(client.post("/v1/imports", content=b"2025-01-31,EUR,1.1\n", params={"source": "rates"}))
        assert rates["counts"]["decoded"] == 1
        table = _ok(client.post("/v1/imports/rehearsal", files={"file": ("a.csv", TABLE)}))
        assert table["read"]["rows"] == 2
        wrong = client.post("/v1/imports", files={"file": ("a.csv", TABLE), "mapping": ("m.toml", b"[columns")})
        assert wrong.status_code == 400
        assert "/tmp" not in wrong.text, "it says nothing of where files are kept meanwhile"


@pytest.mark.parametrize("source", ["edits", "governance", "reconciliation", "edits:x"])
def test_nobody_speaks_for_the_book(service: Service, source: str) -> None:
    """An edit or decision comes of its verb, under the name of who makes it, not of an import."""
    body = b'{"edit":"exclude","version":1,"customer":"native/acme","author":"cfo","reason":"x","said_at":"2025-01-01"}'
    with service.client("operate") as client, Book(service.folder) as book:
        before = book.journal.head().seq
        for path in ("/v1/imports", "/v1/imports/rehearsal", "/v1/events"):
            answer = client.post(path, content=body, params={"source": source})
            assert (answer.status_code, "the book itself" in answer.json()["detail"]) == (400, True)
        assert book.journal.head().seq == before


def test_the_quarantine_is_read_again(service: Service) -> None:
    with service.client("operate") as client, service.client("support") as support:
        _ok(client.post("/v1/events", content=b"no event"), 202)
        with Book(service.folder) as book:
            seq = book.journal.head().seq
        service.ready(seq)
        assert [row["seq"] for row in _ok(support.get("/v1/quarantine"))["rows"]] == [seq]
        assert _ok(client.post("/v1/quarantine/retry", json={"entries": [seq]}))["read"] == []
        opened = _ok(support.get(f"/v1/entries/{seq}"))
        assert (opened["body"], opened["filed"]["outcome"]) == ("no event", "quarantined")
        found = _ok(support.get("/v1/entries", params={"outcome": "quarantined"}))
        assert [row["seq"] for row in found["rows"]] == [seq]
        assert _ok(support.get("/v1/receipts"))["rows"]
        assert client.get(f"/v1/entries/{seq}").status_code == 403


def test_reconciliations_are_kept(service: Service) -> None:
    with service.client("admin") as client:
        found = _ok(client.post("/v1/reconciliations/cash", json={"as_of": AS_OF, "from": "2025-03"}))
        assert found["definition"]["policy"] == "standard"
        assert _ok(client.get("/v1/reconciliations"))["rows"][-1]["what"] == "cash"
        crm = b"customer,status\nacme,active\nbeta,churned\n"
        told = _ok(client.post("/v1/reconciliations/crm", content=crm, params={"as_of": AS_OF, "name": "crm.csv"}))
        assert {row["customer_id"] for row in told["rows"]} >= {"beta"}
        claim = b"customer,mrr,currency\nacme,100,USD\nbeta,75,USD\n"
        held = _ok(client.post("/v1/comparisons", content=claim, params={"as_of": AS_OF, "name": "claim.csv"}))
        assert (held["rows"], held["agreement"] is not None) == (2, True)


def test_changes_are_on_the_trail_before_they_happen(service: Service) -> None:
    """Also those that are then refused: the trail says what somebody set out to do."""
    with service.client("admin") as client:
        client.post("/v1/closes/2031-01/reopen", json={"reason": "never closed"})
        client.post("/v1/access/tokens", json={"name": "grafana", "scopes": ["read"]})
        rows = _ok(client.get("/v1/trail", params={"limit": 10_000}))["rows"]
        assert _ok(client.get("/v1/trail/verification")) == {"ok": True, "broken_at": None}
        lines = client.get("/v1/trail", params={"limit": 10_000}, headers={"Accept": "application/x-ndjson"})
        assert [json.loads(line)["digest"] for line in lines.text.splitlines()][: len(rows)] == [
            row["digest"] for row in rows
        ]
    steps = [(row["actor"], row["action"], row["detail"]) for row in rows]
    assert ("t-admin", "POST /v1/closes/2031-01/reopen", {}) in steps
    assert ("t-admin", "access token", {"name": "grafana", "scopes": "read"}) in steps
