"""The guide on serving: its commands are taken, its settings are Python and nginx that do what it says."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from traitlets.config import Config

from cxlab.cli import _parser
from cxlab.publish.app import SESSIONS
from cxlab.publish.upload import LIMIT

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "serving-apps.md").read_text(encoding="utf-8")
COMMANDS = sorted({
    found.strip("`") for found in re.findall(r"^(?:CXLAB_APP_TOKEN=\S+ )?cxlab .*$|`cxlab [^`]*`", GUIDE, re.MULTILINE)
})  # fmt: skip


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_taken(command):
    words = [word for word in shlex.split(command) if not word.startswith("CXLAB_APP_TOKEN=")]
    assert callable(_parser().parse_args(words[1:]).command)


def test_the_guide_has_the_commands_and_the_limits_that_there_are():
    assert "cxlab app --token" in COMMANDS
    assert f"| {SESSIONS};" in GUIDE
    assert f"| {LIMIT} MB," in GUIDE


def test_the_hubs_settings_name_commands_that_are_taken_and_a_role_for_the_service():
    c = Config()
    for block in blocks("python"):
        exec(block, {"c": c})
    service, role = c.JupyterHub.services[0], c.JupyterHub.load_roles[0]
    given = _parser().parse_args(service["command"][1:])
    assert given.jupyterhub
    assert role["scopes"] == [f"access:services!service={service['name']}"]
    assert _parser().parse_args(c.Spawner.cmd[1:]).jupyterhub


def test_nginx_takes_its_settings(tmp_path):
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx and openssl are not installed")
    server, inside = blocks("nginx")
    pair = [str(tmp_path / "key"), str(tmp_path / "pem")]
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=cx",
        "-keyout",
        pair[0],
        "-out",
        pair[1],
    ]
    subprocess.run(made, check=True, capture_output=True)
    server = server.replace("/etc/ssl/cx.example.org.key", pair[0]).replace("/etc/ssl/cx.example.org.pem", pair[1])
    server = server.replace("listen 443 ssl", "listen 127.0.0.1:8443 ssl").replace(
        "    proxy_http_version", f"{inside}    proxy_http_version"
    )
    own = "\n".join(
        f"{one}_temp_path {tmp_path}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = tmp_path / "nginx.conf"
    path.write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\nhttp {{\naccess_log off;\n{own}\n{server}}}\n"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", str(path), "-p", str(tmp_path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
