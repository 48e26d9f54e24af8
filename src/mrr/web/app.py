"""The pages as an application: templates, static files, logging in and out, errors as pages."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from typing import Annotated
from urllib.parse import quote

import vl_convert
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException

import mrr.web.bridge as bridge
import mrr.web.charts as charts
import mrr.web.closing as closing
import mrr.web.cohorts as cohorts
import mrr.web.customers as customers
import mrr.web.exports as exports
import mrr.web.incident as incident
import mrr.web.journal as journal
import mrr.web.metrics as metrics
import mrr.web.movements as movements
import mrr.web.oncall as oncall
import mrr.web.overview as overview
import mrr.web.plans as plans
import mrr.web.policy as policy
import mrr.web.reconcile as reconcile
import mrr.web.shown as shown
from mrr.access import Denied, NotKnown
from mrr.book.clock import now_micros
from mrr.door import COOKIE, known, own
from mrr.errors import MrrError
from mrr.live import Live
from mrr.watch.pulse import Pulse
from mrr.web.aside import Aside
from mrr.web.page import page

CSP = "; ".join(
    f"{kind} {source}"
    for kind, source in {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }.items()
)


def pages(live: Live, pulse: Pulse) -> FastAPI:
    """The pages over a served book; `pulse` is how the service itself went."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.state.live, made.state.access, made.state.trail = live, live.book.access, live.book.trail
    made.state.templates, made.state.aside, made.state.pulse = _templates(), Aside(live), pulse
    for view in (overview, movements, customers, cohorts, plans, metrics, journal, charts, exports):
        made.include_router(view.router)
    for trust in (policy, bridge, reconcile, closing):
        made.include_router(trust.router)
    made.include_router(oncall.router)
    made.include_router(incident.router)
    made.get("/login", include_in_schema=False)(ask_in)
    made.post("/login", include_in_schema=False)(log_in)
    made.post("/logout", include_in_schema=False)(log_out)
    made.get("/static/vega.js", include_in_schema=False)(vega)
    made.mount("/static", StaticFiles(packages=[("mrr.web", "static")]))
    made.middleware("http")(_guarded)
    made.exception_handler(MrrError)(_failed)
    made.exception_handler(HTTPException)(_failed)
    return made


def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("mrr.web"), autoescape=select_autoescape(default=True), undefined=StrictUndefined
    )
    made.globals.update({name: getattr(shown, name) for name in shown.WORDS})
    # An id may have slashes in it: as they are, a browser would take `a/..` for a way up.
    made.filters["urlencode"] = lambda text: quote(str(text), safe="")
    return made


async def _guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = _building(request) or await answer(request)
    response.headers["Content-Security-Policy"] = CSP
    if not request.url.path.startswith("/static"):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _building(request: Request) -> Response | None:
    """While the first ledger is derived, a page that says so and comes again; None once there are figures."""
    live = request.app.state.live
    public = request.url.path.startswith("/static") or request.url.path in ("/login", "/logout")
    if public or live.posted is not None or live.failure is not None:
        return None
    response = page(request, "building.html", {}, 503)
    response.headers.update({"Retry-After": "2", "Refresh": "2"})
    return response


async def _failed(request: Request, error: Exception) -> Response:
    """An error as a page; who is not known is asked to log in first."""
    if isinstance(error, NotKnown):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(here)}", 303)
    status = 403 if isinstance(error, Denied) else int(getattr(error, "status_code", 400))
    detail = str(getattr(error, "detail", error))
    return page(request, "error.html", {"detail": detail, "remedy": getattr(error, "remedy", "")}, status)


def ask_in(request: Request) -> HTMLResponse:
    """The form to log in."""
    return page(request, "login.html", {"next": request.query_params.get("next", "/"), "trouble": ""})


def log_in(
    request: Request,
    password: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    following: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Begin a session, by name and password, or by a token in the place of the password."""
    access, trail = request.app.state.access, request.app.state.trail
    try:
        secret = access.log_in(name, password, now_micros()) if name else access.session(password, now_micros())
    except MrrError as error:
        trail.add(name or "a token", "log in refused", {}, now_micros())
        told = {"next": following, "trouble": f"{error}. {error.remedy}"}
        return page(request, "login.html", told, 401)
    trail.add(name or "a token", "log in", {}, now_micros())
    _end_before(request)
    # Only to a place of our own: what begins with two slashes is another site.
    place = following if following.startswith("/") and not following.startswith(("//", "/\\")) else "/"
    response = RedirectResponse(place, 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, secret, httponly=True, secure=secure, samesite="strict", path="/")
    return response


def _end_before(request: Request) -> None:
    """End the session that this browser had before, whoever gave it to it: none leads over into the new one."""
    with suppress(NotKnown):
        actor = known(request)
        request.app.state.access.revoke(actor.key_id, now_micros())


def log_out(request: Request, csrf: Annotated[str, Form()]) -> Response:
    """End the session."""
    actor = known(request)
    if not own(actor, csrf):
        raise Denied("this form is of another session", remedy="Load the page again.")
    request.app.state.access.revoke(actor.key_id, now_micros())
    request.app.state.trail.add(actor.name, "log out", {}, now_micros())
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


@cache
def _bundle() -> bytes:
    snippet = "window.vegaEmbed = vegaEmbed;"
    return vl_convert.javascript_bundle(snippet).encode()


def vega() -> Response:
    """Vega-Embed as one script, out of the package that also draws pictures."""
    return Response(_bundle(), media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})
