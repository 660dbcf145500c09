"""The doors of the app's server: no token, no entry; no way to a kernel, a file or a template; room for so many."""

import http.client
import json
import re
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from tests.browser.serving import free_port, running

pytestmark = pytest.mark.browser
SECRET = "s3cret-word"
DRAWN = ".cx-chart[data-drawn=done] svg"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, reports):
    place, port = tmp_path_factory.mktemp("guarded"), free_port()
    more = ["--token", "--sessions", "1", "--no-upload", "--reports", str(reports)]
    command = [sys.executable, "-m", "tests.browser.serving", str(port), *more]
    with running(command, f"http://127.0.0.1:{port}/", place / "log", CXLAB_APP_TOKEN=SECRET) as address:
        yield address


def ask(address, path, method="GET", **headers):
    request = urllib.request.Request(
        address + path, method=method, headers=headers, data=b"" if method == "POST" else None
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode(errors="replace"), answer.geturl()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace"), error.geturl()


@pytest.mark.parametrize(
    "path",
    ["", "voila/render/ab_test.ipynb", "voila/render/ab_test.ipynb?period=week", "voila/tree", "?token=wrong",
     "cxlab/reports/index.html", "cxlab/reports/ab_test.html"],
)  # fmt: skip
def test_without_the_token_there_is_a_login_page_alone(guarded, path):
    _, text, address = ask(guarded, path)
    assert "/login" in address
    assert "What do you want to know" not in text
    assert "cx-verdict" not in text


KERNEL = "0a1b2c3d-0000-4000-8000-123456789abc"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (f"api/kernels/{KERNEL}", "GET"), (f"api/kernels/{KERNEL}", "DELETE"), ("api/kernels", "GET"),
        ("api/kernels", "POST"), (f"api/kernels/{KERNEL}/channels", "GET"), (f"api/kernels/{KERNEL}/restart", "POST"),
        ("api/sessions", "GET"), ("api/contents", "GET"), ("api/terminals", "POST"), ("voila/api/contents", "GET"),
        (f"voila/api/shutdown/{KERNEL}", "POST"), ("files/etc/passwd", "GET"), ("voila/files/ab_test.ipynb", "GET"),
    ],
)  # fmt: skip
def test_kernels_and_files_are_closed_without_the_token(guarded, path, method):
    status, text, address = ask(guarded, path, method)
    assert status in (403, 404, 405) or "/login" in address
    assert "execution_state" not in text
    assert "nbformat" not in text


@pytest.mark.parametrize(
    "path",
    ["api/kernels", "api/sessions", "api/contents", f"api/kernels/{KERNEL}", "voila/api/contents",
     "cxlab/reports/batch.json", "cxlab/reports/..%2fbatch.json", "cxlab/reports/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
     "voila/render/..%2f..%2fetc%2fpasswd", "voila/static/..%2f..%2f..%2fetc%2fpasswd",
     "voila/templates/..%2f..%2fetc%2fpasswd"],
)  # fmt: skip
def test_with_the_token_nothing_can_be_listed_or_reached_either(guarded, path):
    status, text, _ = ask(guarded, path, Authorization=f"token {SECRET}")
    assert status in (400, 403, 404)
    assert "root:" not in text


def test_a_report_is_served_by_its_name(guarded):
    status, text, _ = ask(guarded, "cxlab/reports/ab_test.html", Authorization=f"token {SECRET}")
    assert status == 200
    assert "cx-verdict" in text


def test_a_kernel_can_be_ended_by_nobody_but_its_page_and_knows_no_token(visit, guarded):
    one = visit()
    page = one.open(f"{guarded}?token={SECRET}", ".cx-card")
    assert page.get_by_role("link", name="Report: Does a change work?").count() == 1
    with page.expect_request(lambda request: "/api/kernels/" in request.url) as seen:
        page.get_by_role("link", name="Open: How long does it take?").click()
        page.locator(DRAWN).first.wait_for()
    kernel = re.search(r"api/kernels/([0-9a-f-]{36})", seen.value.url).group(1)
    assert ask(guarded, f"api/kernels/{kernel}")[0] in (403, 404)
    assert ask(guarded, f"api/kernels/{kernel}", "DELETE", Authorization=f"token {SECRET}")[0] in (403, 405)
    assert ask(guarded, f"api/kernels/{kernel}", Authorization=f"token {SECRET}")[0] == 404, "it is another visitor's"
    cookie = {"Cookie": "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())}
    status, text, _ = ask(guarded, f"api/kernels/{kernel}", **cookie)
    assert (status, json.loads(text)["id"]) == (200, kernel)
    assert page.locator(".cx-upload").count() == 0, "uploads are off here"
    strangers_find_nothing(guarded, kernel, cookie)
    assert ask(guarded, f"api/kernels/{kernel}", **cookie)[0] == 200, "it still lives"
    full = visit()
    answer = full.page.goto(f"{guarded}voila/render/ab_test.ipynb?token={SECRET}", wait_until="commit")
    assert answer.status == 503
    assert full.page.locator("h1").inner_text() == "All places are taken"
    assert full.page.get_by_role("link", name="Try again").count() == 1
    assert one.outside == full.outside == []


SETTINGS = ".cx-settings select, .cx-settings input"


def opened(one, guarded, seconds=60):
    """Ask for the page until there is a place; how long that took."""
    begun = time.monotonic()
    while one.page.goto(f"{guarded}voila/render/patient.ipynb?token={SECRET}", wait_until="commit").status == 503:
        assert time.monotonic() < begun + seconds
        time.sleep(0.5)
    waited = time.monotonic() - begun
    one.page.locator(DRAWN).first.wait_for()
    return waited


def test_whoever_leaves_a_page_makes_room_for_the_next_visitor(visit, guarded):
    leaving, second, third = visit(), visit(), visit()
    opened(leaving, guarded)
    leaving.page.locator(SETTINGS).first.wait_for()
    with leaving.page.expect_request(lambda request: "/voila/api/shutdown/" in request.url):
        leaving.page.goto(f"{guarded}?token={SECRET}")
    assert opened(second, guarded) < 10, "its kernel has ended at once"
    second.page.context.close()
    assert opened(third, guarded) < 45, "closed without a farewell: it is missed after a while"


def strangers_find_nothing(address, kernel, cookie):
    """Without the token, and with it but as another visitor: no channel to this kernel, no end of it."""
    token, channel = {"Authorization": f"token {SECRET}"}, urlsplit(f"{address}api/kernels/{kernel}/channels")
    assert shake_hands(channel, address.rstrip("/")) == 403
    assert shake_hands(channel, address.rstrip("/"), **token) == 404
    assert shake_hands(channel, address.rstrip("/"), **cookie) == 101, "its own visitor may"
    assert ask(address, f"voila/api/shutdown/{kernel}", "POST")[0] == 403
    assert ask(address, f"voila/api/shutdown/{kernel}", "POST", **token)[0] == 404
    foreign = {"Origin": "http://evil.example", **cookie}
    assert ask(address, f"voila/api/shutdown/{kernel}", "POST", **foreign)[0] == 403, "another site in his browser"


def test_neither_the_environment_nor_the_arguments_of_a_kernel_hold_the_token(visit, guarded):
    from pathlib import Path

    page = visit().page
    page.goto(f"{guarded}voila/render/patient.ipynb?token={SECRET}", wait_until="commit")
    held = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
        except OSError:
            continue
        if SECRET.encode() in told and b"--sessions" not in told:
            held.append(place.name)
    assert held == []


def test_another_name_for_this_machine_opens_nothing_without_a_token(app):
    status, text, _ = ask(app, "", Host="evil.example")
    assert status == 403
    assert "This page is closed" in text
    assert "cx-card" not in text
    assert ask(app, "voila/render/ab_test.ipynb", Host="evil.example:80")[0] == 403
    assert ask(app, "", Host="localhost:8866")[0] == 200


@pytest.mark.parametrize("query", ["?template=lab", "?theme=dark", "?template=../../etc"])
def test_the_address_cannot_choose_a_template(visit, app, query):
    one = visit()
    page = one.open(f"{app}voila/render/patient.ipynb{query}", DRAWN)
    assert page.locator(".cx-top").count() == 1
    assert page.locator(".jp-InputArea").count() == 0
    one.clean()


def test_another_origin_cannot_open_a_kernels_channel(chromium, app):
    page = chromium.new_page()
    page.goto(f"{app}voila/render/patient.ipynb", wait_until="commit")
    with page.expect_websocket() as seen:
        page.locator(DRAWN).first.wait_for(timeout=60_000)
    channel = urlsplit(seen.value.url)
    assert (shake_hands(channel, app.rstrip("/")), shake_hands(channel, "http://evil.example")) == (101, 403)
    page.close()


def shake_hands(channel, origin, **more):
    """What does the server answer to a page of this origin that asks for a kernel's channel?"""
    connection = http.client.HTTPConnection(channel.hostname, channel.port, timeout=30)
    connection.request("GET", channel.path, headers={
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": origin, **more,
    })  # fmt: skip
    status = connection.getresponse().status
    connection.close()
    return status
