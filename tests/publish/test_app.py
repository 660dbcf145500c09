"""The app's settings: closed by default, one sentence where it cannot start."""

import socket

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.app import add_register, app_folder, check_address, headers, serve
from cxlab.publish.register import ANALYSES


def test_a_busy_port_is_one_sentence():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(ParameterError, match=rf"Port {port} of 127.0.0.1 cannot be used .*choose another --port"):
            serve(port=port)


def test_an_outside_address_needs_a_token():
    with pytest.raises(ParameterError, match="give a --token"):
        serve(ip="0.0.0.0")
    check_address("0.0.0.0", 0, "secret")


def test_the_served_folder_holds_the_apps_and_nothing_else(tmp_path):
    assert sorted(path.name for path in app_folder(tmp_path).iterdir()) == sorted(
        f"{one.name}.ipynb" for one in ANALYSES
    )


def test_the_templates_get_the_register():
    config = {}
    assert add_register(config, notebook_path="ab_test.ipynb") is config
    assert config["cxlab"]["room"] == "Experiments"
    assert add_register({}, notebook_path="")["cxlab"]["room"] == ""


def test_a_page_may_speak_to_its_own_server_alone():
    policy = headers("127.0.0.1", 8866)["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:8866 ws://localhost:8866;" in policy
    assert "unsafe-eval" not in policy, "pictures are drawn by Vega's interpreter"
    assert "http" not in policy.replace("https:", "")
    assert "ws://192.0.2.1:80" in headers("192.0.2.1", 80)["Content-Security-Policy"]


def test_settings_close_what_voila_leaves_open():
    from cxlab.publish.server import settings

    c = settings(port=1, ip="127.0.0.1", token="secret")
    assert c.VoilaConfiguration.file_allowlist == ["public/.*"]
    assert c.LimitedKernels.most == 50
    assert c.Voila.tornado_settings["websocket_max_message_size"] <= 2_000_000
    assert c.VoilaConfiguration.allow_template_override == "NO"
    assert c.MappingKernelManager.cull_idle_timeout > 0
    assert c.Voila.token == "secret"
    assert "token" not in settings(port=1, ip="127.0.0.1", token="").Voila


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
