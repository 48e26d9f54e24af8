"""`mrr metric`, `mrr metrics` and `mrr cohort`: what is on the screen, what is JSON, what is refused."""

import re
from pathlib import Path

import pytest

from mrr import Book
from mrr.metrics.catalogue import METRICS
from tests.cli.conftest import AS_OF, Mrr

OF_ACME = ("--as-of", AS_OF)


def test_a_metric_stands_with_its_parts_and_its_definition(mrr: Mrr, acme: Path) -> None:
    told = mrr("metric", "nrr", "--book", acme, *OF_ACME)
    assert told.code == 0, told.err
    words = " ".join(told.out.split())
    assert words.startswith("Net revenue retention: what the customers of the opening are worth at the end")
    assert "nrr MRR kept opening MRR" in words
    assert re.search(r"2023-01 – 0 0 2023-02 \d+\.\d% [\d,]+ [\d,]+", words)
    assert "– no MRR at the opening" in words
    assert "nrr (by customer, over the period) = sum of kept ÷ opening" in words
    assert "Here report.nrr.includes_fx = false." in words
    assert "policy standard" in words
    assert "known at entry" in words
    assert "Owner: finance." in words


def test_a_metric_is_the_library_s(mrr: Mrr, acme: Path) -> None:
    told = mrr("metric", "churn.revenue.gross", "--book", acme, *OF_ACME, "--interval", "quarter", "--json").json
    with Book(acme) as book:
        answer = book.metric(name="churn.revenue.gross", interval="quarter", as_of=AS_OF)
    assert [row["ratio"] for row in told["rows"]] == [row.ratio for row in answer.rows]
    assert [row["period_starts_on"] for row in told["rows"]] == ["2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01"]
    meant = told["definition"]
    assert meant["metric"] == "churn.revenue.gross"
    assert (meant["variant"], meant["unit"], meant["owner"]) == ("gross", "ratio", "customer success")
    assert meant["report_keys"]["report.churn_rate.denominator"] == "opening"
    assert meant["formula"]
    assert meant["policy_hash"]
    assert meant["as_of"] == "2024-01-01T00:00:00Z"


def test_ending_mrr_is_the_closing_of_the_roll_forward(mrr: Mrr, acme: Path) -> None:
    rows = mrr("metric", "mrr.ending", "--book", acme, *OF_ACME, "--by", "plan", "--json").json["rows"]
    rolled = mrr("rollforward", "--book", acme, *OF_ACME, "--by", "plan", "--json").json["rows"]
    assert [(row["group"], row["value_micros"]) for row in rows] == [
        (row["group"], row["closing_micros"]) for row in rolled
    ]
    assert len(rows) > 12


def test_groups_stand_side_by_side_with_their_names(mrr: Mrr, acme: Path) -> None:
    told = mrr("metric", "mrr.ending", "--book", acme, *OF_ACME, "--by", "segment", "--cents")
    assert re.search(r"enterprise +mid-market", told.out)
    assert re.search(r"^2023-12 +[\d,]+\.\d\d", told.out, re.MULTILINE)
    few = mrr("metric", "plan_mix", "--book", acme, *OF_ACME, "--from", "2023-12")
    assert re.search(r"^(Team|Business|Starter) +\d+\.\d%", few.out, re.MULTILINE)
    assert "prod_" not in few.out


def test_every_unit_is_written_its_own_way(mrr: Mrr, acme: Path) -> None:
    def last(name: str) -> str:
        out = mrr("metric", name, "--book", acme, *OF_ACME, "--interval", "year").out
        return next(line for line in out.splitlines() if line.startswith("2023")).split()[1]

    assert re.fullmatch(r"[\d,]+", last("arr"))
    assert re.fullmatch(r"\d+", last("customers"))
    assert re.fullmatch(r"\d+\.\d%", last("annual_share"))
    assert re.fullmatch(r"[\d,]+\.\d\d×", last("quick_ratio"))
    assert re.fullmatch(r"0\.\d{4}", last("concentration.hhi"))


def test_a_period_that_is_not_over_has_a_star(mrr: Mrr, acme: Path) -> None:
    told = mrr("metric", "customers", "--book", acme, "--as-of", "2023-06-15", "--from", "2023-05")
    assert re.search(r"^2023-05 ", told.out, re.MULTILINE)
    assert re.search(r"^2023-06\* ", told.out, re.MULTILINE)
    assert "* not over yet: up to 2023-06-15 00:00 UTC" in told.out


def test_the_catalogue(mrr: Mrr) -> None:
    told = mrr("metrics")
    assert all(re.search(rf"^{re.escape(name)} ", told.out, re.MULTILINE) for name in METRICS)
    assert [metric["name"] for metric in mrr("metrics", "--json").json] == list(METRICS)
    one = mrr("metrics", "grr")
    assert re.search(r"^formula +sum of the lesser of kept and opening", one.out, re.MULTILINE)


def test_the_tree(mrr: Mrr) -> None:
    told = mrr("metrics", "--tree")
    assert told.out.splitlines()[:3] == ["arr", "└── + mrr.ending", "    └── + mrr.net_new"]
    assert "− churn.revenue.gross" in told.out
    assert mrr("metrics", "--tree", "--json").json[0]["branches"][0] == {
        **mrr("metrics", "--tree", "--json").json[0]["branches"][0],
        "metric": "mrr.ending",
        "sign": "+",
    }


@pytest.mark.parametrize("of", ["logo", "revenue"])
def test_a_triangle(mrr: Mrr, acme: Path, of: str) -> None:
    told = mrr("cohort", of, "--book", acme, *OF_ACME, "--interval", "quarter")
    lines = [line.split() for line in told.out.splitlines() if line.startswith(("2023-Q", "all"))]
    assert [line[0] for line in lines] == ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "all"]
    shares = [[cell for cell in line if cell.endswith("%")] for line in lines]
    assert [len(row) for row in shares] == [4, 3, 2, 1, 4]
    assert all(re.fullmatch(r"[\d,]+%", cell) for row in shares for cell in row)


def test_a_triangle_that_is_too_wide_shows_chosen_columns(mrr: Mrr, acme: Path) -> None:
    told = mrr("cohort", "--book", acme, *OF_ACME)
    assert "Not all 12 columns fit; --json has them." in told.out
    assert all(len(line) <= 80 for line in told.out.splitlines())
    cells = mrr("cohort", "--book", acme, *OF_ACME, "--json").json["rows"]
    assert {cell["periods_since"] for cell in cells} == set(range(12))


def test_a_triangle_by_attribute(mrr: Mrr, acme: Path) -> None:
    told = mrr("cohort", "--book", acme, *OF_ACME, "--by", "segment", "--interval", "quarter")
    assert re.search(r"^segment +customers +0 +1 +2 +3", told.out, re.MULTILINE)
    assert re.search(r"^smb +\d+ +\d+%", told.out, re.MULTILINE)


def test_where_nothing_fits(mrr: Mrr, acme: Path) -> None:
    told = mrr("metric", "nrr", "--book", acme, *OF_ACME, "--by", "segment", "--where", "plan=none")
    assert "Nothing fits." in told.out
    assert "No period of any cohort is over yet." in mrr("cohort", "--book", acme, "--as-of", "2023-01-05").out


def test_what_there_is_not_is_refused(mrr: Mrr, acme: Path) -> None:
    told = mrr("metric", "nrrr", "--book", acme)
    assert told.code == 2
    assert "there is no metric 'nrrr'" in told.err
    assert "Did you mean nrr" in told.err
    assert mrr("metric", "sign_ups", "--book", acme, "--by", "plan").code == 2
    assert mrr("metric", "cohort.logo", "--book", acme).code == 2
    assert mrr("cohort", "customers", "--book", acme).code == 2
    assert mrr("metrics", "what").code == 2
