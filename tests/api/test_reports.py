"""Questions over HTTP are answered as the book answers them, in the form that is wanted."""

import json

import pyarrow as pa

from mrr.book import Book
from tests.api.conftest import Service

AS_OF = "2025-04-01"
ARROW = "application/vnd.apache.arrow.stream"


def test_the_api_says_what_the_book_says(service: Service) -> None:
    with service.client("read") as client, Book(service.folder) as book:
        asked = {"as_of": AS_OF, "from": "2025-02", "by": "plan"}
        told = client.get("/v1/rollforward", params=asked).json()
        found = book.rollforward(as_of=AS_OF, first="2025-02", by="plan")
        assert [row["closing_micros"] for row in told["rows"]] == [row.closing_micros for row in found.rows]
        assert told["definition"]["ledger_digest"] == found.definition.ledger_digest
        arr = client.get("/v1/metrics/arr", params={"as_of": AS_OF}).json()
        assert [row["value_micros"] for row in arr["rows"]] == [
            row.value_micros for row in book.metric(name="arr", as_of=AS_OF).rows
        ]
        names = [metric["name"] for metric in client.get("/v1/metrics").json()["rows"]]
        assert names == [metric.name for metric in book.metrics()]


def test_a_movement_is_explained(service: Service) -> None:
    with service.client("read") as client:
        first = client.get("/v1/movements", params={"as_of": AS_OF, "customer": "acme"}).json()["rows"][0]
        explained = client.get(f"/v1/movements/{first['movement_id']}", params={"as_of": AS_OF}).json()
    assert explained["movement"]["amount_micros"] == 100_000_000
    assert [one["seq"] for one in explained["evidence"]] == [1]


def test_another_ledger(service: Service) -> None:
    with service.client("read") as client:
        then = client.get("/v1/rollforward", params={"as_of": AS_OF, "ledger": "@seq:1"}).json()
        assert [row["closing_micros"] for row in then["rows"]] == [100_000_000] * 3
        now = client.get("/v1/rollforward", params={"as_of": AS_OF}).json()
        assert now["rows"][-1]["closing_micros"] == 175_000_000


def test_pages_follow_each_other(service: Service) -> None:
    with service.client("read") as client:
        answer = client.get("/v1/customers", params={"as_of": AS_OF, "limit": 2})
        assert (answer.headers["x-total-count"], len(answer.json()["rows"])) == ("3", 2)
        following = client.get(answer.links["next"]["url"])
        assert "next" not in following.links
        rows = answer.json()["rows"] + following.json()["rows"]
        assert rows == client.get("/v1/customers", params={"as_of": AS_OF}).json()["rows"]


def test_forms(service: Service) -> None:
    with service.client("admin") as client:
        text = client.get("/v1/rollforward", params={"as_of": AS_OF}, headers={"Accept": "text/csv"})
        assert text.headers["content-type"].startswith("text/csv")
        assert text.text.splitlines()[0].startswith('"period_starts_on"')
        arrow = client.get(
            "/v1/movements",
            params={"as_of": AS_OF},
            headers={"Accept": f"{ARROW}, */*;q=0.1"},
        )
        table = pa.ipc.open_stream(arrow.content).read_all()
        assert table.num_rows == 3
        assert json.loads(table.schema.metadata[b"mrr.definition"])["policy"] == "standard"
        assert client.get("/v1/policy", headers={"Accept": "text/html"}).status_code == 406


def test_an_unchanged_answer_is_not_sent_again(service: Service) -> None:
    with service.client("read") as client:
        first = client.get("/v1/rollforward", params={"to": "2025-03"})
        again = client.get(
            "/v1/rollforward", params={"to": "2025-03"}, headers={"If-None-Match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        other = client.get(
            "/v1/rollforward", params={"to": "2025-02"}, headers={"If-None-Match": first.headers["etag"]}
        )
        assert other.status_code == 200


def test_what_cannot_be_asked_says_what_can(service: Service) -> None:
    wrong = {
        "/v1/rollforward?interval=hour": 422,
        "/v1/rollforward?where=currency": 400,
        "/v1/rollforward?ledger=@1990-01-01": 400,
        "/v1/metrics/mrr": 400,
        "/v1/movements?cursor=x": 400,
        "/v1/movements?limit=0": 422,
        "/v1/nothing": 404,
    }
    with service.client("read") as client:
        for path, status in wrong.items():
            answer = client.get(path)
            assert (path, answer.status_code) == (path, status)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
