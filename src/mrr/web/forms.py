"""Forms that change something: only from a page of the session itself, by who may, on the trail before it happens."""

from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse

from mrr.access import Actor, Denied
from mrr.book.clock import now_micros
from mrr.door import Needs, actor_of, known, own


async def texts(request: Request) -> dict[str, str]:
    """What a form says, but for files and the token of its session."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name != "csrf" and value}


class Does(Needs):
    """A dependency of every form: lets in who has the scope, from their own page. Raises NotKnown, Denied."""

    def __call__(
        self,
        request: Request,
        csrf: Annotated[str, Form()] = "",
        said: Annotated[dict[str, str] | None, Depends(texts)] = None,
    ) -> Actor:
        """Somebody who may do this, and what they are about to do, on the trail."""
        by_token = "authorization" in request.headers
        actor = actor_of(request) if by_token else known(request)
        if not by_token and not own(actor, csrf):
            raise Denied("this form is of another session", remedy="Load the page again.")
        trail = request.app.state.trail
        if not actor.may(self.scope):
            trail.add(actor.name, f"denied {request.method} {request.url.path}", said or {}, now_micros())
            raise Denied(f"this needs the scope {self.scope}", remedy=f"{actor.name} has: {' '.join(actor.scopes)}.")
        trail.add(actor.name, f"{request.method} {request.url.path}", said or {}, now_micros())
        request.state.actor = actor
        return actor


def onward(place: str) -> RedirectResponse:
    """To where the change can be seen; loading that page again changes nothing more."""
    return RedirectResponse(place, 303)
