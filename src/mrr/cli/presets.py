"""What other tools publish about their MRR: policy presets, and the rule behind a key of one."""

from collections.abc import Iterator

from rich.text import Text

from mrr.cli import ink, say
from mrr.cli.options import AsJson, UnusedBook
from mrr.cli.receipt import setting
from mrr.policy import KEYS, Preset, standard
from mrr.policy import presets as all_presets


def presets(_book: UnusedBook = None, as_json: AsJson = False) -> None:
    """List the presets: what well-known tools publish about their MRR, as policies.

    Each says in which keys it differs from `standard`. `mrr policy show --policy NAME` has all of its keys, and
    `mrr policy show KEY --policy NAME` the rule behind one, with the page that it is cited from.
    """
    found = all_presets().values()
    if as_json:
        say.answer([{"name": one.name, "title": one.title, "differs": differing(one)} for one in found])
        return
    rows = (row for one in found for row in _rows(one))
    say.show(ink.table(["name", "tool", "differs from standard in"], rows, words=(0, 1, 2), loose=(1, 2)))


def differing(one: Preset) -> dict[str, object]:
    """The keys in which a preset differs from the standard."""
    policy = one.over(standard())
    return {key.name: policy[key.name] for key in KEYS if policy[key.name] != standard()[key.name]}


def _rows(one: Preset) -> Iterator[tuple[ink.Cell, ...]]:
    """A row for each key that differs; the name stands in the first."""
    name: tuple[ink.Cell, ...] = (Text(one.name, ink.STRONG), one.title)
    for key, value in differing(one).items():
        yield (*name, f"{key} = {setting(value)}")
        name = ("", "")
    if name[0]:
        yield (*name, Text("nothing that is published", ink.QUIET))


def published(name: str, key: str) -> Text:
    """The rule that a preset has behind a key, what else its users may choose, and where both are published."""
    told = Text()
    if (one := all_presets().get(name)) is None:
        return told
    for rule in (rule for rule in (*one.rules, *one.settings) if rule.key == key):
        kind = "" if rule.default else f"or {setting(rule.value)}: "
        told.append(f"{one.title}: ", ink.STRONG).append(f"{kind}{rule.said.says}\n")
        for source in rule.said.sources:
            told.append(f"  {source.title}\n  {source.url}\n", ink.QUIET)
    if key in one.unpublished:
        told.append(f"{one.title} publishes no rule for it; the value is the standard's.\n", ink.QUIET)
    return told
