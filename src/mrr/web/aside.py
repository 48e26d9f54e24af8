"""Long answers, worked out beside the pages: begun once, told of while they go on, kept for who asks again."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, cast

from fastapi import Request
from fastapi.responses import HTMLResponse

from mrr.book.clock import now_micros
from mrr.errors import MrrError
from mrr.live import Live
from mrr.web.page import page

# So many answers are kept. One is told again while the ledger stands where it stood, and to who waited for it.
KEPT = 24
# A short answer is waited for, so that nobody sees a page that says "wait" for it.
SHORT_S = 0.8
# So long a step of a long answer is waited for when the service stops.
STEP_S = 30.0


class Stopped(MrrError):
    """A long answer was given up."""


class Work:
    """Something that is worked out. `parts` are answers on the way, `step` says what is done right now.

    Once it is done, it has an answer or a trouble. Instants in µs since the epoch.
    """

    def __init__(self, title: str, stands: int, began_at: int) -> None:
        self.title, self.stands, self.began_at = title, stands, began_at
        self.done = threading.Event()
        self.step = ""
        self.parts: list[Any] = []
        self.answer: Any = None
        self.trouble: MrrError | None = None
        self.kept: dict[str, Any] = {}
        self.stopped = self.was_told = False

    def tell(self, step: str, number: int, of: int) -> None:
        """Say how far it is. Raises Stopped where nobody will ask for it any more."""
        self.go_on()
        self.step = f"{step}, {number:,} of {of:,}"

    def go_on(self) -> None:
        """Raises Stopped where nobody will ask for it any more."""
        if self.stopped:
            raise Stopped(f"{self.title}: the service stops", remedy="Ask again when it is back.")

    def run(self, compute: "Callable[[Work], Any]") -> None:
        """Work it out; whatever goes wrong is kept for those who wait."""
        try:
            self.go_on()
            self.answer = compute(self)
        except MrrError as trouble:
            self.trouble = trouble
        except BaseException as trouble:
            remedy = "The log of the service says more."
            self.trouble = MrrError(f"it could not be worked out: {trouble}", remedy=remedy)
            raise
        finally:
            self.done.set()

    def told(self, wait_s: float | None = SHORT_S) -> bool:
        """Whether it is done within a wait (None: however long that takes). Raises the trouble that it ended in."""
        done = self.done.wait(wait_s)
        if self.trouble is not None:
            raise self.trouble
        self.was_told = self.was_told or done
        return done


class Aside:
    """The works of a served book. One is worked out at a time: the pages need the machine, too."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._works: OrderedDict[str, Work] = OrderedDict()
        self._lock, self._turn = threading.Lock(), threading.Semaphore()
        self._here = threading.local()
        self._threads: list[threading.Thread] = []
        self._stopping = False
        live.book.progress = live.book.progress or self._progress

    def ask(self, key: str, title: str, compute: Callable[[Work], Any]) -> Work:
        """The work of a key: the one that goes on or is fresh, else a new one."""
        stands, now = self._live.posted.seq if self._live.posted else 0, now_micros()
        with self._lock:
            known = self._works.get(key)
            if known is not None and _holds(known, stands):
                self._works.move_to_end(key)
                return known
            work = self._works[key] = Work(title, stands, now)
            work.stopped = self._stopping
            self._forget()
            # What holds for the request holds for the thread: whoever asks from afar names no file.
            asked = partial(copy_context().run, self._run, work, compute)
            thread = threading.Thread(target=asked, daemon=True, name=f"aside {title}")
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()
        return work

    def stop(self) -> None:
        """Give up what goes on, before the book is closed under it; a step that has begun is waited for."""
        with self._lock:
            self._stopping, threads = True, self._threads
            for work in self._works.values():
                work.stopped = True
        for thread in threads:
            thread.join(STEP_S)

    def known(self, key: str) -> Work | None:
        """The work of a key, if it is still kept."""
        with self._lock:
            return self._works.get(key)

    def _run(self, work: Work, compute: Callable[[Work], Any]) -> None:
        with self._turn, suppress(Exception):
            self._here.work = work
            work.run(compute)

    def _forget(self) -> None:
        """Let go of the oldest of those that are done."""
        for key in [key for key, work in self._works.items() if work.done.is_set()][: max(len(self._works) - KEPT, 0)]:
            del self._works[key]

    def _progress(self, step: str, number: int, of: int) -> None:
        work: Work | None = getattr(self._here, "work", None)
        if work is not None:
            work.tell(step, number, of)


def _holds(work: Work, stands: int) -> bool:
    if not work.done.is_set():
        return True
    return work.trouble is None and (work.stands == stands or not work.was_told)


def aside_of(request: Request) -> Aside:
    """What is worked out beside the pages of this service."""
    return cast(Aside, request.app.state.aside)


def waiting(request: Request, work: Work) -> HTMLResponse:
    """The page of somebody who waits; it comes again by itself, less often the longer it takes."""
    told = {"work": work, "seconds": _seconds(work)}
    return again(page(request, "waiting.html", told, 202), work)


def again(response: HTMLResponse, work: Work) -> HTMLResponse:
    """The same page, which comes again by itself: it was not done when the page was made."""
    response.headers["Refresh"] = "1" if _seconds(work) < 10 else "3"
    return response


def _seconds(work: Work) -> int:
    return (now_micros() - work.began_at) // 1_000_000
