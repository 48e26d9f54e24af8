"""Charts as files: real pictures with their words, drawn without a network."""

import json
import socket
import struct
from typing import Any

import pytest

from mrr import Book, charts
from mrr.charts.render import SCALE
from tests.charts.test_specs import drawn
from tests.export.company import AS_OF


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection in Python fails; the renderer itself knows no address."""

    def refused(*_: Any) -> None:
        raise AssertionError("a chart wants the network")

    monkeypatch.setattr(socket.socket, "connect", refused)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_png(book: Book, theme: charts.Theme) -> None:
    for name, spec in drawn(book, AS_OF).items():
        picture = charts.DRAWINGS["png"](spec, theme)
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", picture[16:24])
        assert width >= SCALE * 760, name
        assert height >= SCALE * spec["height"], name
        assert len(picture) > 20_000, f"{name}: text is drawn too, in the font that comes with the renderer"


def test_svg_has_its_words_as_text(book: Book) -> None:
    specs = drawn(book, AS_OF)
    expected = {
        "mrr": ["Monthly recurring revenue", "as of 1 January 2024", "$0"],
        "movements": ["What moved MRR", "Expansion", "Churn"],
        "rollforward": ["How MRR changed in December 2023", "Opening 1 December 2023", "Net change"],
        "groups": ["Monthly recurring revenue by plan", "Team"],
        "cohorts": ["Logo cohorts", "2023-Q1", "100"],
    }
    for name, words in expected.items():
        drawing = charts.DRAWINGS["svg"](specs[name], "light").decode()
        assert drawing.startswith("<svg")
        for word in (*words, f"policy standard {book.policy.hash[:8]}"):
            assert f">{word}" in drawing or word in drawing, (name, word)
        assert "Inter" in drawing


def test_light_and_dark_have_their_paper(book: Book) -> None:
    spec = charts.ending_mrr(book.rollforward(as_of=AS_OF), "month")
    light, dark = (charts.DRAWINGS["svg"](spec, theme).decode() for theme in ("light", "dark"))
    assert 'fill="#ffffff"' in light
    assert 'fill="#15181c"' in dark
    assert "#15171c" not in dark


def test_html_stands_for_itself(book: Book) -> None:
    page = charts.DRAWINGS["html"](charts.ending_mrr(book.rollforward(as_of=AS_OF), "month"), "light").decode()
    assert "vegaEmbed" in page
    assert "<script src=" not in page
    assert "Monthly recurring revenue" in page


def test_json_is_the_spec_with_its_colours(book: Book) -> None:
    spec = charts.movements(book.rollforward(as_of=AS_OF), "month")
    told = json.loads(charts.DRAWINGS["json"](spec, "dark"))
    assert told == charts.complete(spec, "dark")
    assert told["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")
