"""Charts as pictures and pages, drawn without a browser and without a network."""

import json
from collections.abc import Callable, Mapping

import vl_convert

import mrr.charts.theme as theme

Drawing = Callable[[theme.Spec, theme.Theme], bytes]
# Two pixels of a PNG are one of the chart, as on the screens of today.
SCALE = 2


def png(spec: theme.Spec, look: theme.Theme = "light") -> bytes:
    """A picture; always in the font that comes with the renderer, so that it is the same everywhere."""
    drawn: bytes = vl_convert.vegalite_to_png(theme.complete(spec, look, font=theme.PICTURE_FONT), scale=SCALE)
    return drawn


def svg(spec: theme.Spec, look: theme.Theme = "light") -> bytes:
    """A drawing with text as text, in the reader's fonts."""
    drawn: str = vl_convert.vegalite_to_svg(theme.complete(spec, look))
    return drawn.encode()


def page(spec: theme.Spec, look: theme.Theme = "light") -> bytes:
    """A page that needs nothing from elsewhere, with tooltips."""
    drawn: str = vl_convert.vegalite_to_html(theme.complete(spec, look), bundle=True, renderer="svg")
    return drawn.encode()


def document(spec: theme.Spec, look: theme.Theme = "light") -> bytes:
    """The Vega-Lite spec itself, with its figures and colours."""
    return json.dumps(theme.complete(spec, look), indent=2, ensure_ascii=False).encode() + b"\n"


DRAWINGS: Mapping[str, Drawing] = {"png": png, "svg": svg, "html": page, "json": document}
