"""Progress on standard error while a person is watching."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Meter = Callable[[str, int, int], None]

_NAMES = {
    "append": "importing",
    "import": "importing",
    "decode": "reading the journal",
    "simulate": "simulating",
}


class Bar:
    """One bar, which begins anew with every stage; the models of the ledger are one stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._label = ""
        self._task = progress.add_task("", total=None, told="", visible=False)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the bar to `done` of `total`; 0 stands for an unknown end."""
        label = _NAMES.get(stage, "deriving the ledger")
        if label != self._label:
            self._label = label
            self._progress.reset(self._task, description=f"{label:20}", visible=True, told="")
        told = stage.replace("_", " ") if stage not in _NAMES else "" if total else f"{done:,}"
        self._progress.update(self._task, completed=done, total=total or None, told=told)


@contextmanager
def meter(*, quiet: bool = False) -> Iterator[Meter | None]:
    """What a book reports its progress to; None where nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=28), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[told]}", style="dim"), console=console, transient=True) as bars:
        yield Bar(bars)
