"""Presets load, cite every rule, leave the company's keys alone, and their pages are up to date."""

import json
import re
from pathlib import Path

import pytest

from mrr.cli.main import run
from mrr.errors import PolicyError
from mrr.policy import KEYS, load, policy_of, policy_text, preset, presets, standard
from mrr.policy.pages import pages
from mrr.policy.preset import COMPANY, Preset

FOLDER = Path(__file__).parent.parent.parent / "docs" / "presets"
NAMES = {key.name for key in KEYS}
IN_FULL = {"baremetrics", "chartmogul", "profitwell", "stripe"}
BOOK = standard().differing(
    {
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "fx.fixed": {"USD": "0.9"},
        "fx.stale": 3,
        "customers.exclude": [{"segment": "internal"}],
        "report.week_start": "sunday",
        "churn_at": "request",
    },
    "ours",
)


def test_there_are_the_tools_that_matter() -> None:
    assert set(presets()) == IN_FULL | {
        "chargebee", "growpanel", "killbill", "lago", "maxio", "posthog", "recurly", "revenuecat",
    }  # fmt: skip
    assert {name for name, one in presets().items() if one.extent.startswith("in full")} == IN_FULL


@pytest.mark.parametrize("one", presets().values(), ids=presets())
def test_every_rule_is_a_value_that_a_policy_can_have(one: Preset) -> None:
    """A rule says a key and its canonical value; a setting says another value than the rule."""
    policy = one.over(standard())
    assert (policy.name, policy) == (one.name, preset(one.name))
    for rule in one.rules:
        assert rule.key in NAMES - {*COMPANY}
        assert policy[rule.key] == rule.value
    for setting in one.settings:
        assert setting.key not in COMPANY
        assert policy.differing({setting.key: setting.value})[setting.key] != policy[setting.key]


@pytest.mark.parametrize("one", presets().values(), ids=presets())
def test_every_rule_cites_a_public_page(one: Preset) -> None:
    told = [*(rule.said for rule in (*one.rules, *one.settings)), *one.contradictions, *one.beyond]
    assert len(told) > 4
    for said in told:
        assert said.says.endswith("."), said.says
        assert said.sources
        assert all(re.match(r"https?://\S+\.\S+/?\S*$", source.url) and source.title for source in said.sources)
    assert all(said.taken for said in one.contradictions)


@pytest.mark.parametrize("one", presets().values(), ids=presets())
def test_what_is_unpublished_is_the_standards(one: Preset) -> None:
    """Of each key either a rule, or the company, or the standard; also over a policy that chose otherwise."""
    policy = preset(one.name, BOOK)
    assert {rule.key for rule in one.rules} | {*one.unpublished} | {*COMPANY} == NAMES
    for key in one.unpublished:
        assert policy[key] == standard()[key]
    for key in COMPANY:
        assert policy[key] == BOOK[key] != standard()[key]


def test_the_standard_is_a_preset_too() -> None:
    assert preset("standard") == standard()
    assert preset("standard", BOOK)["currency"] == "EUR"
    assert preset("standard", BOOK)["churn_at"] == "ended"


def test_an_unknown_name_is_told_with_what_there_is() -> None:
    with pytest.raises(PolicyError, match="chartmugul; did you mean chartmogul") as told:
        preset("chartmugul")
    assert "revenuecat" in told.value.remedy


def test_a_policy_in_words_is_a_preset_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "lago.toml"
    file.write_text('churn_at = "request"', encoding="utf-8")
    assert policy_of("lago", BOOK)["normalise.week"] == "433/100"
    assert policy_of(str(file)) == load(file)
    assert policy_of(str(file))["normalise.week"] == "13/3"
    with pytest.raises(PolicyError, match=r"nowhere\.toml"):
        policy_of("nowhere.toml")


def test_a_preset_survives_being_written_as_a_file(tmp_path: Path) -> None:
    for name in presets():
        file = tmp_path / f"{name}.toml"
        file.write_text(policy_text(preset(name, BOOK)), encoding="utf-8")
        assert load(file).hash == preset(name, BOOK).hash


def test_the_pages_are_up_to_date() -> None:
    told = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    assert told == pages(), "run `python -m mrr.policy.pages docs/presets`"


def test_a_book_begins_with_a_preset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "acme"), "--policy", "chartmogul", "--currency", "EUR", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert run(["policy", "show", "--book", str(tmp_path / "acme"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (made["policy"], shown["hash"]) == ("chartmogul", made["policy_hash"])
    assert (shown["values"]["zero"], shown["values"]["currency"]) == ("hold", "EUR")


def test_a_key_of_a_preset_shows_its_rule_and_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "show", "zero", "--policy", "chartmogul"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "zero = hold" in told
    assert "stays active at 0" in told
    assert "https://help.chartmogul.com/hc/en-us/articles/15384089786524" in told
    assert "or lapse:" in told
    assert run(["policy", "show", "gap", "--policy", "stripe"]) == 0
    assert "publishes no rule" in " ".join(capsys.readouterr().out.split())


def test_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "presets"]) == 0
    assert "normalise.week = 4" in capsys.readouterr().out
    assert run(["policy", "presets", "--json"]) == 0
    told = {one["name"]: one["differs"] for one in json.loads(capsys.readouterr().out)}
    assert told["revenuecat"] == {"normalise.week": "4", "normalise.day": "30", "reactivation": "net_churn"}
