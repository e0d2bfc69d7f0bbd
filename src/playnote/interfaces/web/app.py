"""The application: every page with its JSON, every form, the files the pages need; all behind the guard."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from playnote.errors import BarredError, InternalError, LeaseError, LedgerError, NotFoundError, PlaynoteError
from playnote.interfaces.web.acts import ACTS, Act
from playnote.interfaces.web.guard import Guard, Keys
from playnote.interfaces.web.live import follower_of, stream
from playnote.interfaces.web.pages import PAGES, REPORT, Page, number_of
from playnote.interfaces.web.render import View, page
from playnote.service.example_shown import picture_of
from playnote.service.kept import Keeper
from playnote.service.report import report_page
from playnote.service.session import Session
from playnote.text import Language, Text

_LANGUAGE = "playnote-language"
_BACK = re.compile(r"/[a-z0-9/_.+-]*(\?[a-z0-9=&_.+-]*)?", re.ASCII | re.IGNORECASE)
_STATUS: tuple[tuple[type[PlaynoteError], int], ...] = (
    (NotFoundError, 404),
    (BarredError, 409),
    (LeaseError, 409),
    (LedgerError, 503),
    (InternalError, 500),
)
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_FILES = {
    "report.css": ("playnote.reports", "templates/report.css"),
    "uplot.css": ("playnote.reports", "assets/uplot-1.6.32.min.css"),
    "uplot.js": ("playnote.reports", "assets/uplot-1.6.32.min.js"),
    "pages.css": ("playnote.interfaces.web", "static/pages.css"),
    "live.js": ("playnote.interfaces.web", "static/live.js"),
    "keys.js": ("playnote.interfaces.web", "static/keys.js"),
}
Handler = Callable[[Request], Awaitable[Response]]


def app_of(folder: Path, keys: Keys, port: int) -> ASGIApp:
    """The pages of the project in a folder, for a server on this port of this machine."""
    door = _Door(folder, keys)
    routes = [Route(f"/static/{name}", _file(name)) for name in _FILES]
    for each in PAGES:
        routes.append(Route("/index.json" if each.path == "/" else f"{each.path}.json", door.as_json(each)))
        routes.append(Route(each.path, door.as_page(each)))
    routes += [
        Route("/events/{round}", door.events),
        Route("/report/{round}.json", door.as_json(REPORT)),
        Route("/report/{round}", door.report),
        Route("/picture", door.picture),
        Route("/act/language", door.language, methods=["POST"]),
        *(Route(f"/act/{each.name}", door.act(each), methods=["POST"]) for each in ACTS),
    ]
    inner = Starlette(routes=routes, exception_handlers={HTTPException: door.no_such, Exception: door.fault})
    inner.router.redirect_slashes = False
    return Guard(inner, keys, (f"127.0.0.1:{port}", f"localhost:{port}"))


class _Door:
    """Requests to service calls, and their values or errors to responses."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder, self._keys, self._keeper = folder, keys, Keeper(folder)

    def as_json(self, each: Page) -> Handler:
        """The envelope of a page's value."""

        async def answer(request: Request) -> Response:
            try:
                return _envelope((await run_in_threadpool(self._values, each, _given(request)))[0])
            except PlaynoteError as error:
                return _fault(error)

        return answer

    def as_page(self, each: Page) -> Handler:
        """The page of the same value."""

        async def answer(request: Request) -> Response:
            try:
                return _html(await run_in_threadpool(self._filled, each, request))
            except PlaynoteError as error:
                return await self._trouble(request, error)

        return answer

    def act(self, each: Act) -> Handler:
        """What a form does; then back to the page, or the envelope where JSON is asked for."""

        async def answer(request: Request) -> Response:
            form = await _form(request)
            wants_json = "application/json" in request.headers.get("accept", "")
            try:
                value = await run_in_threadpool(self._done, each, form)
            except PlaynoteError as error:
                return _fault(error) if wants_json else await self._trouble(request, error, form)
            return _envelope(value) if wants_json else _back(form)

        return answer

    async def language(self, request: Request) -> Response:
        """Remember the language this browser asked for."""
        form = await _form(request)
        response = _back(form)
        chosen = "zh" if form.get("language") == "zh" else "en"
        response.set_cookie(_LANGUAGE, chosen, max_age=31_536_000, samesite="strict", httponly=True)
        return response

    async def events(self, request: Request) -> Response:
        """The stream of a round."""
        try:
            return stream(await follower_of(self._folder, number_of(request.path_params, "round")), {})
        except PlaynoteError as error:
            return _fault(error)

    async def report(self, request: Request) -> Response:
        """The report of a round, under its own policy, which names the hashes of its scripts."""
        try:
            number = number_of(request.path_params, "round")
            text, policy = await run_in_threadpool(self._report, number, language_of(request))
        except PlaynoteError as error:
            return await self._trouble(request, error)
        return _html(text, policy=f"{policy}; frame-ancestors 'none'")

    async def picture(self, request: Request) -> Response:
        """The picture of an example that was drawn."""
        try:
            name = request.query_params.get("id", "")
            path, kind = await run_in_threadpool(self._picture, name)
        except PlaynoteError as error:
            return _fault(error)
        return FileResponse(path, media_type=kind)

    async def no_such(self, request: Request, error: Exception) -> Response:
        """An address that no page has, or a method it does not answer."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return await self._trouble(request, NotFoundError(_NO_PAGE, fix=_START), status=status)

    async def fault(self, request: Request, error: Exception) -> Response:
        """Our own fault, in words."""
        problem = Text(en="Playnote failed: {kind}.", zh="Playnote 自己出错了：{kind}。").fill(
            kind=type(error).__name__
        )
        return await self._trouble(request, InternalError(problem, fix=_TELL))

    def _values(self, each: Page, given: dict[str, str]) -> tuple[Any, dict[str, Any]]:
        """A page's value and what stands beside it; kept from the last time where nothing changed since."""

        def made(session: Session) -> tuple[Any, dict[str, Any]]:
            return each.value(session, given), each.beside(session, given)

        if each.kept:
            asked = tuple(sorted((name, value) for name, value in given.items() if name != "lang"))
            return self._keeper.value((each.path, asked), made)
        with self._keeper.session() as session:
            return made(session)

    def _done(self, each: Act, form: Mapping[str, str]) -> Any:
        with self._keeper.session() as session:
            return each.do(session, form)

    def _report(self, number: int | None, language: Language) -> tuple[str, str]:
        made = partial(report_page, number=number, language=language)
        return self._keeper.value((REPORT.path, number, language), made)

    def _picture(self, name: str) -> tuple[Path, str]:
        with self._keeper.session() as session:
            return picture_of(session, name)

    def _filled(self, each: Page, request: Request) -> str:
        given = _given(request)
        view = self._view(request, each.name)
        try:
            value, beside = self._values(each, given)
        except NotFoundError as error:
            if not each.empty:
                raise
            value, beside = None, {"problem": error.problem, "fix": error.fix, **given}
        return page(f"{each.name}.html.jinja", view, data=value, beside=beside, project=self._keeper.project())

    def _view(self, request: Request, here: str) -> View:
        query = f"?{request.url.query}" if request.url.query else ""
        path = request.url.path + query
        return View(language_of(request), path if _BACK.fullmatch(path) else "/", self._keys.csrf, here)

    async def _trouble(
        self, request: Request, error: PlaynoteError, form: Mapping[str, str] | None = None, status: int | None = None
    ) -> Response:
        code = status or status_of(error)
        if request.url.path.endswith(".json"):
            return _fault(error, code)
        view = self._view(request, "")
        back = _safe((form or {}).get("back", "/"))
        return _html(page("trouble.html.jinja", view, error=error, back=back, project=None, data=None), code)


def language_of(request: Request) -> Language:
    """`?lang=`, then the cookie of the switch, then what the browser prefers."""
    for word in (
        request.query_params.get("lang"),
        request.cookies.get(_LANGUAGE),
        request.headers.get("accept-language"),
    ):
        if word:
            return "zh" if word.lower().startswith("zh") else "en"
    return "en"


def status_of(error: PlaynoteError) -> int:
    """How HTTP calls the error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 422)


def _given(request: Request) -> dict[str, str]:
    return {**request.query_params, **request.path_params}


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; of a name given twice the last. What is no form has no fields."""
    try:
        return dict(parse_qsl((await request.body()).decode("utf-8"), max_num_fields=1000))
    except ValueError:
        return {}


def _safe(path: str) -> str:
    """A page of ours to go back to; never another site ("//elsewhere")."""
    return path if _BACK.fullmatch(path) and not path.startswith("//") else "/"


def _back(form: Mapping[str, str]) -> Response:
    return RedirectResponse(_safe(form.get("back", "/")), status_code=303)


def _html(text: str, status: int = 200, policy: str | None = None) -> Response:
    headers = {"content-security-policy": policy} if policy else {}
    return Response(text, status, headers, media_type="text/html")


def _envelope(value: Any) -> Response:
    return JSONResponse({"ok": True, "data": value})


def _fault(error: PlaynoteError, status: int | None = None) -> Response:
    return JSONResponse({"ok": False, "error": error.as_json()}, status or status_of(error))


def _file(name: str) -> Handler:
    """One of our own files, read once."""
    room, place = _FILES[name]
    text = (resources.files(room) / place).read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("//# sourceMappingURL"))

    async def answer(request: Request) -> Response:
        return Response(text, media_type=_KINDS[Path(name).suffix])

    return answer


_NO_PAGE = Text(en="There is no such page.", zh="没有这个页面。")
_START = Text(en="Begin at the overview.", zh="从总览页开始。")
_TELL = Text(en="Please report it; nothing on record was changed by it.", zh="请报告这个问题；记录没有因此改变。")
