"""What a kernel may know of its visitor, and how many there may be."""

import asyncio
from types import SimpleNamespace

import pytest
import tornado.web
from jupyter_server.base.call_context import CallContext

from cxlab.publish.guards import LimitedKernels, clean_environment


def test_a_kernel_never_gets_the_token():
    given = {
        "QUERY_STRING": "token=secret&period=week&token=again", "VOILA_REQUEST_URL": "http://h/?token=secret",
        "JUPYTER_TOKEN": "secret", "CXLAB_APP_TOKEN": "secret", "JUPYTERHUB_API_TOKEN": "secret", "PATH": "/bin",
    }  # fmt: skip
    assert clean_environment(given) == {"QUERY_STRING": "period=week", "PATH": "/bin"}


def test_beyond_the_limit_a_visit_is_told_that_all_places_are_taken(monkeypatch):
    started = []

    async def start(self, **kwargs):
        await asyncio.sleep(0.01)
        started.append(kwargs["env"])
        self._kernels[f"k{len(started)}"] = object()
        return f"k{len(started)}"

    monkeypatch.setattr(LimitedKernels.__mro__[1], "start_kernel", start)
    kernels = LimitedKernels(most=2)

    async def visits():
        return await asyncio.gather(
            *(kernels.start_kernel(env={"QUERY_STRING": "token=x"}) for _ in range(5)), return_exceptions=True
        )

    found = asyncio.run(visits())
    kernels._kernels.clear()
    refused = [one for one in found if isinstance(one, tornado.web.HTTPError)]
    assert (len(started), len(refused)) == (2, 3), "those that are starting count as well"
    assert {one.status_code for one in refused} == {503}
    assert started == [{"QUERY_STRING": ""}] * 2


def test_a_start_that_fails_gives_its_place_back(monkeypatch):
    async def fail(self, **kwargs):
        raise OSError("no room")

    monkeypatch.setattr(LimitedKernels.__mro__[1], "start_kernel", fail)
    kernels = LimitedKernels(most=1)
    for _ in range(3):
        with pytest.raises(OSError, match="no room"):
            asyncio.run(kernels.start_kernel())


class Request:
    def __init__(self, name):
        self.current_user = SimpleNamespace(username=name) if name else None


@pytest.mark.parametrize(("private", "refused"), [(True, ["bob", ""]), (False, [])])
def test_where_visitors_are_known_a_kernel_is_for_its_own_alone(monkeypatch, private, refused):
    async def start(self, **kwargs):
        return "k1"

    monkeypatch.setattr(LimitedKernels.__mro__[1], "start_kernel", start)
    kernels = LimitedKernels(private=private)
    CallContext.set(CallContext.JUPYTER_HANDLER, Request("ann"))
    asyncio.run(kernels.start_kernel())
    for name in ("ann", "bob", ""):
        if name in refused:
            with pytest.raises(tornado.web.HTTPError, match="404"):
                kernels.check_visitor("k1", Request(name))
        else:
            kernels.check_visitor("k1", Request(name))
    if private:
        with pytest.raises(tornado.web.HTTPError, match="404"):
            kernels.check_visitor("there is none", Request("ann"))
