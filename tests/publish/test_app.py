"""The app's settings: closed by default, one sentence where it cannot start."""

import socket

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.app import add_register, app_folder, headers, serve
from cxlab.publish.entrance import Entrance
from cxlab.publish.register import ANALYSES


def test_a_busy_port_is_one_sentence():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(ParameterError, match=rf"Port {port} of 127.0.0.1 cannot be used .*choose another --port"):
            serve(entrance=Entrance(port=port))


def test_an_outside_address_needs_a_token():
    with pytest.raises(ParameterError, match="add --token"):
        serve(entrance=Entrance(ip="0.0.0.0"))
    Entrance(ip="0.0.0.0", port=0, token="long-secret").check()
    Entrance(ip="0.0.0.0", port=0, hub=True).check()


def test_the_served_folder_holds_the_apps_and_nothing_else(tmp_path):
    assert sorted(path.name for path in app_folder(tmp_path).iterdir()) == sorted(
        f"{one.name}.ipynb" for one in ANALYSES
    )


def test_the_templates_get_the_register():
    config = {}
    assert add_register(config, notebook_path="ab_test.ipynb") is config
    assert config["cxlab"]["room"] == "Experiments"
    assert add_register({}, notebook_path="")["cxlab"]["room"] == ""


def test_a_page_may_speak_to_its_own_origin_alone_wherever_that_is():
    sent = headers()
    policy = dict(part.split(" ", 1) for part in sent["Content-Security-Policy"].split("; "))
    assert policy["connect-src"] == policy["default-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "unsafe-eval" not in sent["Content-Security-Policy"], "pictures are drawn by Vega's interpreter"
    assert not {"http", "ws:", "wss:", "*"} & set(sent["Content-Security-Policy"].split())
    assert sent["Referrer-Policy"] == "same-origin", "with less, browsers hide the origin of the login form"


def test_the_page_that_waits_for_an_answer_is_not_held_back_by_a_proxy():
    assert headers()["X-Accel-Buffering"] == "no"


def test_settings_close_what_voila_leaves_open():
    from cxlab.publish.server import settings

    c = settings(Entrance(port=1, token="long-secret"))
    assert c.VoilaConfiguration.file_allowlist == ["public/.*"]
    assert c.LimitedKernels.most == 50
    assert c.Voila.tornado_settings["websocket_max_message_size"] <= 2_000_000
    assert c.VoilaConfiguration.allow_template_override == "NO"
    assert c.MappingKernelManager.cull_idle_timeout > 0
    assert c.Voila.token == "long-secret"
    assert "token" not in settings(Entrance()).Voila


@pytest.mark.parametrize(
    ("entrance", "anywhere"), [(Entrance(), False), (Entrance(token="long-secret"), True), (Entrance(hub=True), True)]
)
def test_a_server_that_asks_for_nothing_answers_to_this_machines_own_names_alone(entrance, anywhere):
    from cxlab.publish.server import settings

    assert settings(entrance).Voila.tornado_settings["allow_remote_access"] is anywhere


def test_behind_a_hub_the_hub_says_who_comes_in():
    from cxlab.publish.server import settings

    c = settings(Entrance(hub=True, base="/services/cx/"))
    assert c.Voila.identity_provider_class.startswith("jupyterhub.")
    assert c.Voila.auto_token, "an empty token would switch the login off"
    assert "token" not in c.Voila
    assert c.Voila.base_url == "/services/cx/"


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [("DataError", "no column 'plam'", ""), ("KeyError", "Please quote the reference", "no column 'plam'")],
)
def test_an_error_of_a_cell_becomes_our_message(name, shown, hidden):
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from cxlab.publish.server import PlainExecutor

    error = new_output("error", ename=name, evalue="no column 'plam'", traceback=["/srv/secret.py"])
    cell = new_code_cell(outputs=[error])
    PlainExecutor(new_notebook()).strip_code_cell_errors(cell)
    html = cell.outputs[0]["data"]["text/html"]
    assert shown in html.replace("&#x27;", "'")
    assert "secret" not in html
    assert not hidden or hidden not in html.replace("&#x27;", "'")
