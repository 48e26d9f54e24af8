"""A month-end at the command line: gate, close, late entries, restate, reopen; and a policy from draft to official."""

import shutil
from pathlib import Path

import pytest

from tests.bad_input.telling import body, priced, told
from tests.cli.conftest import Mrr


@pytest.fixture
def firm(acme: Path, tmp_path: Path) -> Path:
    """A copy of the company's book, to be changed."""
    return Path(shutil.copytree(acme, tmp_path / "firm", ignore=shutil.ignore_patterns("owner.*")))


def test_a_month_end(mrr: Mrr, firm: Path, tmp_path: Path) -> None:
    gate = mrr("gate", "--book", firm, "--month", "2023-10")
    assert (gate.code, gate.out.count("✓"), gate.out.count("✗")) == (0, 8, 0)
    assert "All checks are passed for 2023-10." in gate.out
    made = mrr("close", "2023-10", "--book", firm, "--author", "dana", "--json").json
    assert made["sealed"]["author"] == "dana"
    assert made["sealed"]["as_of"] == "2023-11-01T00:00:00Z"
    twice = mrr("close", "2023-10", "--book", firm, "--author", "dana")
    assert (twice.code, "closed already" in twice.err) == (2, True)
    assert "is as it was closed" in mrr("restate", "2023-10", "--book", firm).out
    assert "· closed" in mrr("rollforward", "--book", firm, "--from", "2023-10", "--to", "2023-10").out
    late = tmp_path / "late.jsonl"
    late.write_bytes(body(told("late", effective_at="2023-10-09T00:00:00Z")))
    mrr("import", "--book", firm, late)
    shown = mrr("restate", "2023-10", "--book", firm).out
    assert "2023-10 has changed since it was closed" in shown
    assert "+20" in shown
    named = mrr("restate", "2023-10", "--book", firm, "--json").json
    assert [one["key"] for one in named["entries"]] == ["late"]
    rolled = mrr("rollforward", "--book", firm, "--from", "2023-10", "--to", "2023-11", "--as-closed", "--json").json
    assert rolled["rows"][1]["restated_micros"] == 20_000_000
    assert rolled["rows"][0]["closing_micros"] == made["sealed"]["rollforward"]["closing_micros"]
    opened = mrr("reopen", "2023-10", "--book", firm, "--reason", "late", "--author", "dana")
    assert (opened.code, "2023-10 is open again" in opened.out) == (0, True)
    assert "No month is closed yet." in mrr("closes", "--book", firm).out


def test_a_check_that_fails(mrr: Mrr, firm: Path, tmp_path: Path) -> None:
    unpriced = tmp_path / "unpriced.jsonl"
    unpriced.write_bytes(body(priced("who knows", unit_amount=None) | {"effective_at": "2023-10-09T00:00:00Z"}))
    mrr("import", "--book", firm, unpriced)
    gate = mrr("gate", "--book", firm, "--month", "2023-10")
    assert (gate.code, gate.out.count("✗")) == (1, 1)
    assert mrr("gate", "--book", firm, "--month", "2023-10", "--json").json["ok"] is False
    refused = mrr("close", "2023-10", "--book", firm, "--author", "dana")
    assert (refused.code, "2023-10 cannot be closed: reckoned" in refused.err) == (1, True)
    forced = mrr("close", "2023-10", "--book", firm, "--author", "dana", "--force", "--reason", "it is known")
    assert (forced.code, "Forced over: reckoned. it is known" in forced.out) == (0, True)


def test_a_policy_from_draft_to_official(mrr: Mrr, firm: Path) -> None:
    words = ("--book", firm, "--author", "ann", "--reason", "because")
    assert "The policy has no versions" in mrr("policy", "list", "--book", firm).out
    assert "Version 1 of the policy is draft" in mrr("policy", "propose", *words).out
    assert "is shadow" in mrr("policy", "promote", "1", *words).out
    assert "is official, holds always" in mrr("policy", "promote", "1", *words).out
    assert mrr("rollforward", "--book", firm, "--as-of", "2024-01-01").err == ""
    file = firm / "policy.toml"
    file.write_text(file.read_text("utf-8").replace('"gap" = 0', '"gap" = 3'), "utf-8")
    assert (
        "policy.toml does not count: it differs from the official version in gap."
        in mrr("rollforward", "--book", firm, "--as-of", "2024-01-01").err
    )
    assert "gap" in mrr("policy", "diff", "v1", str(file), "--book", firm).out
    assert mrr("policy", "diff", "v1", "now", "--book", firm, "--json").json == {}
    assert mrr("policy", "propose", *words, "--json").json["values"]["gap"] == 3
    again = mrr("policy", "propose", *words)
    assert (again.code, "version 2 (draft) says exactly this" in again.err) == (2, True)
    tried = mrr("policy", "try", "v2", "--book", firm, "--as-of", "2024-01-01", "--json").json
    assert tried["keys"] == {"gap": [0, 3]}
    assert len(tried["months"]) == 12
    priced_gap = mrr("policy", "price", "gap", "--book", firm, "--as-of", "2024-01-01", "--json").lines
    assert [(one["key"], one["now"], one["value"]) for one in priced_gap] == [("gap", 0, 5)]
    nothing = mrr("policy", "rollback", *words)
    assert (nothing.code, "no version to roll back to" in nothing.err) == (2, True)
