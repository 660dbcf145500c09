"""Where an app's server listens and what visitors must show."""

import io

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.entrance import Entrance, base_of, check_hub, hub_entrance, take_token

HUB = {
    "JUPYTERHUB_API_TOKEN": "secret", "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:9901",
    "JUPYTERHUB_SERVICE_PREFIX": "/services/cx/",
}  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr("cxlab.publish.entrance.find_spec", lambda _: object())


@pytest.mark.parametrize(
    ("text", "base"),
    [("/", "/"), ("", "/"), ("cx", "/cx/"), ("/a/b-c/", "/a/b-c/"), ("/user/jo%40x/", "/user/jo%40x/")],
)
def test_a_path_may_lack_its_slashes(text, base):
    assert base_of(text) == base


@pytest.mark.parametrize(
    "text", ["https://cx.example.org/", "/c x/", "/../", "/a/./b", '/"><script>/', "/cx/?a=b", "/(.*)/"]
)
def test_what_is_no_plain_path_is_refused(text):
    with pytest.raises(ParameterError, match="expected a path such as /cx/"):
        base_of(text)


def test_the_token_leaves_the_environment_even_where_none_is_asked_for():
    environment = {"CXLAB_APP_TOKEN": " long-secret\n", "PATH": "/bin"}
    assert take_token(False, environment) == "long-secret", "who sets the variable wants it"
    assert environment == {"PATH": "/bin"}
    assert take_token(False, environment) == ""


def test_a_terminal_is_asked_and_shows_nothing(monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed-secret")
    assert take_token(True, {}) == "typed-secret"
    assert take_token(True, {"CXLAB_APP_TOKEN": "long-secret"}) == "long-secret"


@pytest.mark.parametrize("given", [{}, {"CXLAB_APP_TOKEN": ""}, {"CXLAB_APP_TOKEN": "  "}])
def test_without_a_terminal_a_missing_token_is_never_an_open_door(monkeypatch, given):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(ParameterError, match="into the environment as CXLAB_APP_TOKEN"):
        take_token(True, given)


def test_a_token_that_can_be_guessed_is_refused_and_not_repeated():
    with pytest.raises(ParameterError, match="has 6 letters; expected 8 or more") as refused:
        take_token(True, {"CXLAB_APP_TOKEN": "secret"})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("entrance", "address"),
    [(Entrance(), "http://127.0.0.1:8866/"), (Entrance(ip="::1", port=1, base="/cx/"), "http://[::1]:1/cx/")],
)
def test_the_address_can_be_opened(entrance, address):
    assert entrance.address == address


def test_a_hub_gives_address_and_path(installed):
    assert hub_entrance(HUB) == Entrance(port=9901, ip="127.0.0.1", base="/services/cx/", hub=True)
    with pytest.raises(ParameterError, match="names no port"):
        hub_entrance({**HUB, "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1"})


@pytest.mark.parametrize("missing", HUB)
def test_without_a_hub_its_option_is_refused(installed, missing):
    with pytest.raises(ParameterError, match="No JupyterHub started this"):
        check_hub({name: value for name, value in HUB.items() if name != missing})


def test_a_hub_needs_its_package(monkeypatch):
    monkeypatch.setattr("cxlab.publish.entrance.find_spec", lambda _: None)
    with pytest.raises(ParameterError, match="pip install jupyterhub"):
        check_hub(HUB)
