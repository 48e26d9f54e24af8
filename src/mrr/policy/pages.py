"""docs/presets: a page for each preset, written from its file: `python -m mrr.policy.pages docs/presets`."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mrr.policy.preset import COMPANY, Preset, Rule, Statement, presets
from mrr.policy.reference import written
from mrr.policy.schema import KEYS, standard

INTRODUCTION = """# Presets

Written from `src/mrr/policy/presets/` by `python -m mrr.policy.pages docs/presets`; a test keeps the pages up to date.

A preset is what a well-known tool publishes about its MRR, as a [policy](../policy.md). Each page cites the rule behind
each key, lists the settings that the tool's users may choose, what the tool does not publish (there the preset takes
the value of `standard`), where its own pages contradict one another, and which rules no key can say.

```sh
mrr policy presets
mrr policy show --policy chartmogul
mrr init acme --policy chartmogul --currency EUR
```

A setting is written behind the name, where a ledger is asked for: `chartmogul,zero=lapse`. What is the company's and no
tool's stays the book's: {company}.
[Published cases](../cases.md) are the presets' conformance suite: that page shows how each of them comes out.

Presets read subscriptions, also those of tools that read invoices: where nothing was prorated, credited or left unpaid
both give the same level, and a book without invoices is not empty. `NAME,basis=invoice` is the other reading; where a
tool publishes it, it is among the settings.

## Where they differ from `standard`

"""


_HEAD = "| key | value | what is published | where |\n|---|---|---|---|\n"


def pages() -> Mapping[str, str]:
    """Every page by its file name."""
    told = {f"{name}.md": page(one) for name, one in presets().items()}
    return {"README.md": overview(), **told}


def overview() -> str:
    """The page of all presets: what each says where it differs from the standard."""
    company = ", ".join(f"`{key}`" for key in COMPANY)
    rows = [
        f"| [{one.title}]({name}.md) | `{name}` | {_differing(one)} | {one.extent} |\n"
        for name, one in presets().items()
    ]
    head = "| tool | name | differs in | published |\n|---|---|---|---|\n"
    return "".join([INTRODUCTION.replace("{company}", company), head, *rows])


def _differing(one: Preset) -> str:
    policy = one.over(standard())
    keys = [key.name for key in KEYS if policy[key.name] != standard()[key.name]]
    return "<br>".join(f"`{key} = {written(policy[key])}`" for key in keys) or "nothing"


def page(one: Preset) -> str:
    """The page of one preset."""
    head = f"# {one.title}\n\nThe preset `{one.name}`. Published {one.extent}. [All presets](README.md).\n"
    return "".join(
        [
            head,
            f"\n## Rules\n\n{_HEAD}",
            *(_row(rule) for rule in one.rules),
            *_settings(one.settings),
            *_listed("Contradictory", one.contradictions),
            *_listed("Published, but no key says it", one.beyond),
            *_unpublished(one),
        ]
    )


def _row(rule: Rule) -> str:
    key = f"[`{rule.key}`](../policy.md#{rule.key.replace('.', '')})"
    return f"| {key} | `{written(rule.value)}` | {rule.said.says} | {_cited(rule.said)} |\n"


def _cited(said: Statement) -> str:
    return "<br>".join(f"[{source.title}]({source.url})" for source in said.sources)


def _settings(settings: Iterable[Rule]) -> Iterator[str]:
    rows = [_row(setting) for setting in settings]
    if rows:
        yield f"\n## Settings that its users may choose\n\n{_HEAD}"
        yield from rows


def _listed(title: str, statements: Iterable[Statement]) -> Iterator[str]:
    rows = [f"- {one.says}{f' Taken: {one.taken}' if one.taken else ''} ({_plainly(one)})\n" for one in statements]
    if rows:
        yield f"\n## {title}\n\n"
        yield from rows


def _plainly(said: Statement) -> str:
    return "; ".join(f"[{source.title}]({source.url})" for source in said.sources)


def _unpublished(one: Preset) -> Iterator[str]:
    yield "\n## Unpublished\n\nNo rule was found for these; they are as in `standard`.\n\n"
    for key in one.unpublished:
        yield f"- [`{key}`](../policy.md#{key.replace('.', '')}): `{written(standard()[key])}`\n"


def main(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
