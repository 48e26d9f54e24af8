"""How charts look: every colour by its role, in light and dark; the interface is ink on paper, colour is the data's."""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

Theme = Literal["light", "dark"]
Spec = dict[str, Any]

# Role: light, dark. Charts name a role as `var(--role)`, so that a page's style sheet can colour them too.
ROLES: Mapping[str, tuple[str, str]] = {
    "surface": ("#ffffff", "#15181c"),
    "line": ("#e7e7e2", "#262b32"),
    "line-strong": ("#cbcbc4", "#414954"),
    "ink": ("#15171c", "#eef0f2"),
    "ink-2": ("#4d525b", "#b0b7c0"),
    "ink-3": ("#6c727c", "#8b939d"),
    # The classes of movements: gains blue, losses orange; they differ in lightness too.
    "new": ("#164f9e", "#93c5fd"),
    "expansion": ("#4a8fdb", "#4a86d0"),
    "reactivation": ("#a3caf2", "#355f93"),
    "churn": ("#c2470f", "#f28a4a"),
    "contraction": ("#f0ab6a", "#a35c2a"),
    "fx": ("#8b8d98", "#838a95"),
    "gain-ink": ("#164f9e", "#8fc2fb"),
    "loss-ink": ("#a83b0a", "#f5a06b"),
    # The state of the service: what is out of bounds.
    "bad": ("#b3261e", "#ff8a80"),
    # A strip that diverges around 100 %, with what can be read on it.
    "p3": ("#164f9e", "#93c5fd"),
    "p2": ("#6ea6e2", "#356fb2"),
    "p1": ("#c5dcf5", "#22415f"),
    "z0": ("#efefeb", "#23282e"),
    "n1": ("#fae0c6", "#4a2f1b"),
    "n2": ("#f0ab6a", "#97511f"),
    "n3": ("#c2470f", "#f28a4a"),
    "on-3": ("#ffffff", "#0e1013"),
    "on-2": ("#15171c", "#ffffff"),
    # Groups, the largest first: one family from dark to light, and grey for the rest.
    "group-1": ("#123f7e", "#a9d1ff"),
    "group-2": ("#2f6fbd", "#6fa8ea"),
    "group-3": ("#6ea6e2", "#4379bb"),
    "group-4": ("#a9cbee", "#2d5688"),
    "group-5": ("#5b6b7f", "#8795a6"),
    "group-6": ("#98a6b5", "#5c6875"),
    "group-rest": ("#d3d6d6", "#3a424b"),
}
# Inter where it is installed; Liberation Sans comes with the renderer, so that a picture is the same everywhere.
FONTS = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
PICTURE_FONT = "Liberation Sans"
_ROLE = re.compile(r"var\(--([\w-]+)\)")


def role(name: str) -> str:
    """A colour by its role."""
    assert name in ROLES, name
    return f"var(--{name})"


def config(font: str) -> Spec:
    """What all charts share, as a Vega-Lite config."""
    return {
        "background": role("surface"),
        "font": font,
        "padding": 20,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "group",
            "offset": 18,
            "color": role("ink"),
            "fontSize": 15,
            "fontWeight": 600,
            "subtitleColor": role("ink-2"),
            "subtitleFontSize": 12,
            "subtitlePadding": 6,
        },
        "axis": {
            "domain": False,
            "ticks": False,
            "labelColor": role("ink-2"),
            "labelFontSize": 11,
            "labelPadding": 6,
            "gridColor": role("line"),
            "title": None,
        },
        "axisX": {"grid": False, "labelAngle": 0},
        "axisBand": {"domain": True, "domainColor": role("line-strong")},
        "legend": {
            "title": None,
            "orient": "top",
            "labelColor": role("ink-2"),
            "labelFontSize": 12,
            "symbolType": "square",
            "symbolSize": 90,
            "symbolStrokeWidth": 0,
            "columnPadding": 14,
            "offset": 12,
        },
        "text": {"fontSize": 11, "color": role("ink-2")},
    }


def complete(spec: Spec, theme: Theme = "light", *, font: str = FONTS) -> Spec:
    """A chart with its config, every role replaced by its colour: a spec that stands for itself."""
    place = 0 if theme == "light" else 1
    painted: Spec = json.loads(
        _ROLE.sub(lambda found: ROLES[found[1]][place], json.dumps({**spec, "config": config(font)}))
    )
    return painted
