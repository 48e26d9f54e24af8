"""docs/mapping.md says what there is: every key, table, field and recognised header."""

import re
import tomllib
from pathlib import Path

from mrr.providers.tabular import load
from mrr.providers.tabular.mapping import FIELDS, Mapping
from mrr.providers.tabular.recognise import AMOUNTS, ATTRIBUTES, DAYS, HEADERS

PAGE = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text("utf-8")


def test_every_key_of_a_mapping() -> None:
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))))
    assert set(Mapping.__struct_fields__) <= named


def test_every_field_of_every_table() -> None:
    for table, fields in FIELDS.items():
        part = PAGE.split(f"### {table}\n")[1].split("### ")[0]
        for field, about in fields.items():
            needed = " (needed)" if about.needed else ""
            assert f"| `{field}` | {about.meaning}{needed} |" in part, (table, field)


def test_every_header_that_is_recognised() -> None:
    for field, headers in HEADERS.items():
        assert f"| `{field}` | {', '.join(headers)} |" in PAGE
    for table, headers in DAYS.items():
        assert f"| `on` of {table} | {', '.join(headers)} |" in PAGE
    for name in (*AMOUNTS, *ATTRIBUTES):
        assert re.search(rf"\b{name}\b", PAGE)


def test_the_mapping_of_the_page_is_one() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert load(shown, "page").table == "periods"
    assert tomllib.loads(shown)["columns"]["customer"] == "Kunde"
