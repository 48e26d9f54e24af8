"""`mrr chart`: pictures, drawings, pages and specs of the book's figures."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import AS_OF, Mrr

NAMES = ["mrr", "movements", "rollforward", "nrr", "customers", "plan_mix", "lifetime", "cohort.logo", "cohort.revenue"]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_drawn(mrr: Mrr, acme: Path, tmp_path: Path, name: str) -> None:
    said = mrr("chart", name, "--book", acme, "--as-of", AS_OF, "--to", tmp_path / "a.png")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"chart of {name} to {tmp_path / 'a.png'}\n"
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("form", "begins"), [("svg", "<svg"), ("html", "<!DOCTYPE html>"), ("json", "{")])
def test_text_formats_to_standard_output(mrr: Mrr, acme: Path, tmp_path: Path, form: str, begins: str) -> None:
    here = mrr("chart", "mrr", "--book", acme, "--as-of", AS_OF, "--to", "-", "--format", form)
    assert here.out.lstrip().startswith(begins)
    told = mrr("chart", "mrr", "--book", acme, "--as-of", AS_OF, "--to", tmp_path / f"a.{form}", "--json").json
    assert (tmp_path / f"a.{form}").read_text("utf-8") == here.out
    assert told == {"to": str(tmp_path / f"a.{form}"), "format": form, "chart": "mrr", "bytes": len(here.out.encode())}


def test_the_figures_are_those_of_the_roll_forward(mrr: Mrr, acme: Path) -> None:
    of = ("--book", acme, "--as-of", AS_OF, "--interval", "quarter", "--where", "currency=EUR")
    spec = mrr("chart", "mrr", *of, "--to", "-", "--format", "json").json
    shown = {row["period"]: row["value"] for rows in spec["datasets"].values() for row in rows if "value" in row}
    told = mrr("rollforward", *of, "--json").json["rows"]
    assert shown == {row["period_starts_on"]: row["closing_micros"] / 1e6 for row in told}
    assert len(shown) == 4


def test_groups_have_the_names_of_products(mrr: Mrr, acme: Path) -> None:
    spec = mrr("chart", "mrr", "--by", "plan", "--book", acme, "--as-of", AS_OF, "--to", "-", "--format", "json").json
    shown = {row["group"] for rows in spec["datasets"].values() for row in rows if "group" in row}
    assert shown & {"Starter", "Team", "Business", "Scale"}
    assert not [name for name in shown if name.startswith("prod_")]


def test_the_theme(mrr: Mrr, acme: Path) -> None:
    words = ("chart", "movements", "--book", acme, "--as-of", AS_OF, "--to", "-", "--format", "json")
    assert mrr(*words).json["config"]["background"] == "#ffffff"
    assert mrr(*words, "--theme", "dark").json["config"]["background"] == "#15181c"


def test_one_period_of_the_roll_forward(mrr: Mrr, acme: Path) -> None:
    of = ("--book", acme, "--as-of", AS_OF, "--last", "2023-07")
    spec = mrr("chart", "rollforward", *of, "--to", "-", "--format", "json").json
    assert spec["title"]["text"] == "How MRR changed in July 2023"
    assert "policy standard" in json.dumps(spec)


WRONG = [
    (["nonsense", "--to", "a.png"], "no chart is called 'nonsense'", "mrr metrics"),
    (["movements", "--by", "plan", "--to", "a.png"], "--by does not go with movements", "draw mrr --by"),
    (["mrr", "--to", "a.pdf"], "unknown format 'pdf'", "png, svg, html, json"),
    (["mrr", "--to", "-", "--format", "png"], "unknown format 'png'", "svg, html, json"),
    (["mrr", "--to", "-", "--json"], "--json tells what was written", "--format json"),
    (["mrr", "--to", "a.png", "--last", "2001"], "there is nothing to draw", "other days"),
    (["mrr"], "--to", "--help"),
]


@pytest.mark.parametrize(("words", "said", "remedy"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_words_that_do_not_fit(
    mrr: Mrr, acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str, remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = mrr("chart", *words, "--book", acme)
    assert told.code == 2
    assert said in told.err
    assert remedy in told.err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(mrr: Mrr, acme: Path, tmp_path: Path) -> None:
    told = mrr("chart", "mrr", "--book", acme, "--as-of", AS_OF, "--to", tmp_path / "missing" / "a.svg")
    assert told.code == 1
    assert f"mkdir -p {tmp_path / 'missing'}" in told.err
