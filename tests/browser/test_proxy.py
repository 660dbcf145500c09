"""Apps behind a proxy: another host name, another port and a path in front, as visitors of a server see them."""

import asyncio
import http.client
import sys
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.browser.axe import violations
from tests.browser.serving import free_port, running, until

pytestmark = pytest.mark.browser
SECRET = "a-longer-secret"
DRAWN = ".cx-chart[data-drawn=done] svg"


@contextmanager
def relay(port):
    """A port whose connections are passed on to another, as a proxy does that keeps the host's name and the path."""
    loop, own, ready = asyncio.new_event_loop(), free_port(), threading.Event()

    async def pump(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def passed_on(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    async def listen():
        await asyncio.start_server(passed_on, "127.0.0.1", own)
        ready.set()

    def run():
        loop.run_until_complete(listen())
        loop.run_forever()
        for one in asyncio.all_tasks(loop):
            one.cancel()
            loop.run_until_complete(asyncio.gather(one, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield own
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    log, port = tmp_path_factory.mktemp("behind") / "log", free_port()
    command = [sys.executable, "-m", "tests.browser.serving", str(port), "--token", "--base-url", "/cx/"]
    with running(command, f"http://127.0.0.1:{port}/cx/login", log, CXLAB_APP_TOKEN=SECRET), relay(port) as own:
        yield f"http://cx.localhost:{own}/cx/"


@pytest.fixture
def page(chromium, behind):
    context = chromium.new_context(accept_downloads=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("websocket", lambda channel: page.asked.append(channel.url.replace("ws:", "http:", 1)))
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()


def test_a_visitor_gives_the_token_opens_an_app_and_gets_a_new_answer(page, behind):
    page.goto(behind)
    page.get_by_label("Token").fill("not the token")
    page.keyboard.press("Enter")
    assert "This is not the token" in page.get_by_role("alert").inner_text()
    page.complaints.clear()  # the browser tells of the answer's 401
    page.get_by_label("Token").fill(SECRET)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(behind)
    page.locator(".cx-links a[href='/cx/voila/render/cohort_retention.ipynb']").click()
    page.locator(DRAWN).first.wait_for()
    before = page.locator(".cx-body").inner_text()
    page.get_by_role("combobox", name="Period").select_option(label="week")
    until(page, "location.search === '?period=week' && !document.querySelector('.cx-computing')")
    assert page.locator(".cx-body").inner_text() != before
    assert page.url == f"{behind}voila/render/cohort_retention.ipynb?period=week", "the address to be copied"
    page.locator(".cx-downloads summary").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Result (JSON)").click()
    assert saved.value.suggested_filename == "cohort_retention.json"
    assert [one for one in page.asked if not one.startswith((behind, "data:", "blob:"))] == []
    assert [one for one in page.complaints if "version" not in one] == []


def test_the_token_does_not_stay_in_the_address(page, behind):
    page.goto(f"{behind}?token={SECRET}")
    page.locator(".cx-card").first.wait_for()
    assert page.url == behind
    page.goto(f"{behind}logout")
    assert "/cx/login" in page.url
    page.goto(behind)
    assert "/cx/login" in page.url


def test_axe_finds_nothing_where_the_token_is_asked_for(page, behind):
    page.goto(behind)
    page.get_by_label("Token").fill("not the token")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_for_this_path_and_for_https_where_the_proxy_speaks_it(behind, scheme):
    host = urlsplit(behind).netloc
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(behind).port, timeout=30)
    connection.request("GET", f"/cx/?token={SECRET}", headers={"Host": host, "X-Forwarded-Proto": scheme})
    answer = connection.getresponse()
    cookie = next(text for name, text in answer.getheaders() if name == "Set-Cookie" and text.startswith("username"))
    assert answer.status == 200
    assert {"Path=/cx/", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert ("Secure" in cookie) == (scheme == "https")
    connection.close()


@pytest.mark.parametrize("path", ["/", "/login", "/voila/render/ab_test.ipynb", "/api/kernels"])
def test_nothing_stands_outside_the_path(behind, path):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(behind).port, timeout=30)
    connection.request("GET", path, headers={"Host": urlsplit(behind).netloc})
    assert connection.getresponse().status == 404
    connection.close()
