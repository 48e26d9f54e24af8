"""The shapes that other programs rely on: keys, types, exit codes."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from mrr.figures import MINUS
from tests.cli.conftest import AS_OF, Mrr

ROW = """period_starts_on group opening_micros new_micros expansion_micros contraction_micros churn_micros
    reactivation_micros fx_micros entering_micros leaving_micros closing_micros customers_opening customers_closing
    policy_micros restated_micros"""
CHANGES = ["new", "expansion", "contraction", "churn", "reactivation", "fx", "entering", "leaving"]


def test_init(mrr: Mrr, tmp_path: Path) -> None:
    made = mrr("init", tmp_path / "book", "--currency", "eur", "--timezone", "Europe/Berlin", "--json")
    assert made.code == 0
    assert made.json["currency"] == "EUR"
    assert made.json["timezone"] == "Europe/Berlin"
    assert mrr("policy", "hash", "--book", tmp_path / "book").out.strip() == made.json["policy_hash"]


def test_init_with_a_policy(mrr: Mrr, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('name = "ours"\nchurn_at = "request"\n')
    made = mrr("init", tmp_path / "book", "--policy", file, "--currency", "EUR", "--json").json
    shown = mrr("policy", "show", "--book", tmp_path / "book", "--json").json
    assert (made["policy"], shown["values"]["churn_at"], shown["values"]["currency"]) == ("ours", "request", "EUR")
    assert shown["hash"] == made["policy_hash"]


def test_import_counts_every_body(mrr: Mrr, files: Path, tmp_path: Path) -> None:
    book = tmp_path / "book"
    mrr("init", book)
    first = mrr("import", "--book", book, files / "events.jsonl.gz", "--json")
    assert first.code == 0
    counts = first.json
    outcomes = ["decoded", "irrelevant", "quarantined", "duplicates", "key_reused", "conflicts"]
    assert list(counts) == ["entries", *outcomes, "sources"]
    with gzip.open(files / "events.jsonl.gz") as file:
        assert counts["entries"] == sum(1 for _ in file) == sum(counts[name] for name in outcomes)
    assert counts["duplicates"] > 0
    again = mrr("import", "--book", book, files / "events.jsonl.gz", "--json").json
    all_known = {"entries": counts["entries"], "duplicates": counts["entries"], "sources": ["stripe"]}
    assert again == dict.fromkeys(again, 0) | all_known


def test_import_takes_several_files_and_the_reference_rates(mrr: Mrr, files: Path, tmp_path: Path) -> None:
    book = tmp_path / "book"
    mrr("init", book)
    both = mrr("import", "--book", book, "--as", "rates", files / "rates.csv", files / "rates.csv", "--json").json
    assert both["decoded"] == both["duplicates"] == both["entries"] // 2 > 200
    ecb = mrr("import", "--book", book, "--fx", "ecb", "--json").json
    assert ecb["decoded"] == ecb["entries"] > 6000


def test_import_says_how_bare_objects_are_dated_and_where_they_come_from(mrr: Mrr, tmp_path: Path) -> None:
    book, file = tmp_path / "book", tmp_path / "customers.json"
    file.write_text('{"object": "list", "data": [{"id": "cus_1", "object": "customer", "created": 1704067200}]}')
    mrr("init", book)
    seen = ("--observed-at", "2024-03-01", "--source", "eu")
    counts = mrr("import", "--book", book, file, *seen, "--json").json
    assert counts["decoded"] == counts["entries"] == 1
    assert mrr("verify", "--book", book, "--json").json["entries"] == 1


def test_rollforward(mrr: Mrr, acme: Path) -> None:
    said = mrr("rollforward", "--book", acme, "--interval", "month", "--from", "2023-03", "--to", "2023-12",
               "--as-of", AS_OF, "--json")  # fmt: skip
    assert said.code == 0
    found = said.json
    assert [row["period_starts_on"] for row in found["rows"]] == [f"{date(2023, month, 1)}" for month in range(3, 13)]
    for row in found["rows"]:
        assert list(row) == ROW.split()
        assert row["group"] is None
        assert row["opening_micros"] + sum(row[f"{kind}_micros"] for kind in CHANGES) == row["closing_micros"]
        assert row["churn_micros"] <= 0 >= row["contraction_micros"]
    definition = found["definition"]
    assert definition["as_of"] == "2024-01-01T00:00:00Z"
    assert {"metric", "variant", "policy", "policy_hash", "engine", "currency", "known_at_seq", "status"} <= set(
        definition
    )


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year"])
def test_every_interval_closes_alike(mrr: Mrr, acme: Path, interval: str) -> None:
    rows = mrr("rollforward", "--book", acme, "--interval", interval, "--as-of", AS_OF, "--json").json["rows"]
    months = mrr("rollforward", "--book", acme, "--as-of", AS_OF, "--json").json["rows"]
    assert rows[-1]["closing_micros"] == months[-1]["closing_micros"] > 0
    assert rows[-1]["customers_closing"] == months[-1]["customers_closing"] > 0


@pytest.mark.parametrize("by", ["plan", "currency", "segment"])
def test_groups_add_up_to_the_total_and_a_filter_is_its_group(mrr: Mrr, acme: Path, by: str) -> None:
    asked = ("rollforward", "--book", acme, "--from", "2023-12", "--as-of", AS_OF, "--json")
    (total,) = mrr(*asked).json["rows"]
    groups = mrr(*asked, "--by", by).json["rows"]
    assert sum(row["closing_micros"] for row in groups) == total["closing_micros"]
    assert len({row["group"] for row in groups}) == len(groups) > 1
    chosen = max(groups, key=lambda row: int(row["closing_micros"]))
    (alone,) = mrr(*asked, "--where", f"{by}={chosen['group']}").json["rows"]
    assert {**alone, "group": chosen["group"]} == chosen


def test_movements(mrr: Mrr, acme: Path) -> None:
    found = mrr("movements", "--book", acme, "--as-of", AS_OF, "--json").lines
    assert len(found) > 50
    for row in found:
        assert {"movement_id", "on", "customer_id", "class", "amount_micros", "mrr_after_micros", "lines"} <= set(row)
        assert row["amount_micros"] == sum(line["amount_micros"] for line in row["lines"])
        for line in row["lines"]:
            assert line["item_id"]
            assert line["amount_micros"] == sum(line["causes"].values())


def test_movements_of_some_days_a_class_a_customer(mrr: Mrr, acme: Path) -> None:
    everything = mrr("movements", "--book", acme, "--as-of", AS_OF, "--json").lines
    some = mrr("movements", "--book", acme, "--from", "2023-06", "--to", "2023-07-15", "--as-of", AS_OF, "--json").lines
    assert some == [row for row in everything if "2023-06-01" <= row["on"] <= "2023-07-15"] != []
    new = mrr("movements", "--book", acme, "--class", "new", "--as-of", AS_OF, "--json").lines
    assert new == [row for row in everything if row["class"] == "new"] != []
    customer = new[0]["customer_id"]
    own = mrr("movements", "--book", acme, "--customer", customer, "--as-of", AS_OF, "--json").lines
    assert own == [row for row in everything if row["customer_id"] == customer] != []


def test_customers(mrr: Mrr, acme: Path) -> None:
    active = mrr("customers", "--book", acme, "--state", "active", "--as-of", AS_OF, "--json").lines
    (total,) = mrr("rollforward", "--book", acme, "--from", "2023-12", "--as-of", AS_OF, "--json").json["rows"]
    assert sum(row["mrr_micros"] for row in active) == total["closing_micros"]
    assert len(active) == total["customers_closing"]
    assert {row["state"] for row in active} == {"active"}
    one = mrr("customers", "--book", acme, "--customer", active[3]["customer_id"], "--as-of", AS_OF, "--json").lines
    assert one == [active[3]]


def test_explain(mrr: Mrr, acme: Path) -> None:
    movement = mrr("movements", "--book", acme, "--class", "expansion", "--as-of", AS_OF, "--json").lines[0]
    found = mrr("explain", "--book", acme, movement["movement_id"][:10], "--as-of", AS_OF, "--json").json
    assert found["movement"] == movement
    before, after = ([w for w in found["worth"] if w["side"] == side] for side in ("before", "after"))
    changed = sum(w["reporting_micros"] for w in after) - sum(w["reporting_micros"] for w in before)
    assert changed == movement["amount_micros"]
    assert found["evidence"]
    assert found["keys"]["netting"] == "day"
    assert "rose by" in found["sentence"]
    assert ": expansion — item " in found["sentence"]


def test_build_and_verify_give_one_digest(mrr: Mrr, acme: Path) -> None:
    verified, built = mrr("verify", "--book", acme, "--json"), mrr("build", "--book", acme, "--json")
    assert verified.code == built.code == 0
    found = verified.json
    assert (found["chain"], found["first_broken_seq"], found["adds_up"]) == ("ok", None, True)
    assert found["entries"] == sum(found["outcomes"].values()) > 0
    assert len(found["ledger_digest"]) == 64
    assert built.json["ledger_digest"] == found["ledger_digest"]


def test_quarantine(mrr: Mrr, tmp_path: Path) -> None:
    book, file = tmp_path / "book", tmp_path / "events.jsonl"
    subscription = {"id": "sub_1", "object": "subscription", "items": 3}
    bad = {"id": "evt_1", "object": "event", "type": "customer.subscription.updated", "created": 1704067200}
    bad |= {"api_version": "2024-06-20", "data": {"object": subscription}}
    file.write_text(json.dumps(bad) + "\n")
    mrr("init", book)
    said = mrr("import", "--book", book, file)
    assert said.code == 0
    assert "1 quarantined" in said.out
    assert "`mrr quarantine`" in said.out
    (entry,) = mrr("quarantine", "--book", book, "--json").lines
    assert (entry["seq"], entry["key"], entry["outcome"]) == (1, "evt_1", "quarantined")
    assert "data.object" in entry["reason"]
    assert entry["reason"] in mrr("quarantine", "--book", book).out.replace("\n", "")
    assert mrr("import", "--book", book, file, "--json").json["duplicates"] == 1


def test_policy_hash_and_check_agree(mrr: Mrr, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(mrr("policy", "show", "--toml").out.replace('"churn_at" = "ended"', '"churn_at" = "request"'))
    checked = mrr("policy", "check", file, "--json")
    assert checked.code == 0
    assert checked.json["differs"] == {"churn_at": "request"}
    assert (
        mrr("policy", "hash", file).out.strip()
        == checked.json["hash"]
        == mrr("policy", "hash", file, "--json").json["hash"]
    )
    assert checked.json["hash"] != mrr("policy", "hash").out.strip()


def test_simulate_and_scenario(mrr: Mrr, tmp_path: Path) -> None:
    made = mrr("simulate", tmp_path / "co", "--customers", 5, "--months", 6, "--era", "basil", "--json").json
    assert sorted(path.name for path in (tmp_path / "co").iterdir()) == sorted(made["files"])
    with gzip.open(tmp_path / "co" / "events.jsonl.gz") as file:
        assert len(list(file)) == made["events"] == sum(made["kinds"].values())
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "co" / "truth.jsonl").read_text().splitlines()]
    assert kinds.count("movement") == made["movements"]


def test_dates_and_amounts_are_never_floats(mrr: Mrr, acme: Path) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"a float: {text}")

    for words in (
        ["rollforward"],
        ["verify"],
        ["explain", mrr("movements", "--book", acme, "--json").lines[0]["movement_id"]],
    ):
        said = mrr(*words, "--book", acme, "--json")
        json.loads(said.out, parse_float=refuse)
        assert MINUS not in said.out or words[0] == "explain"
