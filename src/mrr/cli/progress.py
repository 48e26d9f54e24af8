"""Progress on standard error while a person is watching."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

Meter = Callable[[str, int, int], None]

_NAMES = {
    "append": "importing",
    "import": "importing",
    "decode": "reading the journal",
    "simulate": "a simulated company, billing",
}


class Bars:
    """One bar a stage; the models of the ledger share one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage to `done` of `total`; 0 stands for an unknown end."""
        label = _NAMES.get(stage, "deriving the ledger")
        if label not in self._tasks:
            self._finish()
            self._tasks[label] = self._progress.add_task(label, total=total or None, told="")
        model = "" if stage in _NAMES else stage.replace("_", " ")
        told = model or (f"{done:,}" if not total else "")
        self._progress.update(self._tasks[label], completed=done, total=total or None, told=told)

    def _finish(self) -> None:
        for task in self._progress.tasks:
            whole = task.total or task.completed or 1
            told = f"{int(whole):,}" if task.total is None else ""
            self._progress.update(task.id, completed=whole, total=whole, told=told)


@contextmanager
def meter(*, quiet: bool = False) -> Iterator[Meter | None]:
    """What a book reports its progress to; None where nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=28), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[told]}", style="dim"), console=console, transient=True) as bars:
        yield Bars(bars)
