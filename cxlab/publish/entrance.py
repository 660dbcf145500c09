"""Where an app's server listens, under which address, and what visitors must show: a token, or a hub's login."""

import os
import re
import socket
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from cxlab.errors import ParameterError
from cxlab.publish.withheld import TOKEN

__all__ = ["HERE", "PORT", "Entrance", "base_of", "check_hub", "hub_entrance", "take_token"]

PORT = 8866
SHORTEST = 8  # letters of a token
_FROM_HUB = ("JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX")
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """The one way in: address and path, and who is let in."""

    port: int = PORT
    ip: str = "127.0.0.1"
    base: str = "/"
    token: str = ""
    hub: bool = False

    @property
    def guarded(self) -> bool:
        """Must visitors show who they are?"""
        return self.hub or bool(self.token)

    @property
    def address(self) -> str:
        """What a browser on this machine opens."""
        return f"http://{f'[{self.ip}]' if ':' in self.ip else self.ip}:{self.port}{self.base}"

    def check(self) -> None:
        """May the server listen here?

        Raises:
            ParameterError: others reach this address and nothing guards it, or the port is taken.
        """
        if self.ip not in LOCAL and not self.guarded:
            raise ParameterError(f"`ip` is {self.ip!r}, which others can reach: add --token, or leave out --ip.")
        with socket.socket(socket.AF_INET6 if ":" in self.ip else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.ip, self.port))
            except OSError as error:
                raise ParameterError(
                    f"Port {self.port} of {self.ip} cannot be used ({error.strerror}); choose another --port."
                ) from None


HERE = Entrance()


def base_of(text: str) -> str:
    """Under which path do the pages stand?

    Args:
        text: as it was given; slashes at the ends may be missing.

    Returns:
        The path with both slashes.

    Raises:
        ParameterError: it is no plain path.

    Examples:
        >>> base_of("cx"), base_of("/")
        ('/cx/', '/')
    """
    words = [word for word in text.split("/") if word]
    if not all(re.fullmatch(r"[\w.~@%-]+", word) and set(word) != {"."} for word in words):
        raise ParameterError(f"`base-url` is {text!r}; expected a path such as /cx/, without host name and spaces.")
    return "/".join(["", *words, ""])


def take_token(wanted: bool, environment: MutableMapping[str, str] = os.environ) -> str:
    """What must visitors know? It leaves the environment, which later processes inherit.

    Args:
        wanted: a token was asked for; it is asked for in the terminal when the environment has none.
        environment: where CXLAB_APP_TOKEN stands.

    Returns:
        The token; "" where none is wanted and none was given.

    Raises:
        ParameterError: none can be had, or it is too short.
    """
    token = environment.pop(TOKEN, "").strip()
    if wanted and not token and sys.stdin.isatty():
        from getpass import getpass

        token = getpass("Token that visitors must give: ").strip()
    if wanted and not token:
        raise ParameterError(f"There is no token: put one into the environment as {TOKEN}, or start in a terminal.")
    if token and len(token) < SHORTEST:
        raise ParameterError(f"The token has {len(token)} letters; expected {SHORTEST} or more, so none guesses it.")
    return token


def hub_entrance(environment: Mapping[str, str] = os.environ) -> Entrance:
    """Where does a JupyterHub expect its service?

    Args:
        environment: what the hub gave its service.

    Returns:
        The address and path that the hub chose.

    Raises:
        ParameterError: no hub started this process, or jupyterhub is not installed here.
    """
    check_hub(environment)
    service = urlsplit(environment["JUPYTERHUB_SERVICE_URL"])
    if service.port is None:
        raise ParameterError("The service's `url` in the hub's settings names no port, such as http://127.0.0.1:8866.")
    base = base_of(environment["JUPYTERHUB_SERVICE_PREFIX"])
    return Entrance(port=service.port, ip=service.hostname or "127.0.0.1", base=base, hub=True)


def check_hub(environment: Mapping[str, str]) -> None:
    """Did a JupyterHub start this process, and is what speaks to it installed?

    Args:
        environment: this process's.

    Raises:
        ParameterError: no hub started it, or jupyterhub is not installed here.
    """
    if not all(environment.get(name) for name in _FROM_HUB):
        raise ParameterError("No JupyterHub started this: --jupyterhub is for commands in the settings of a hub.")
    if find_spec("jupyterhub") is None:
        raise ParameterError("--jupyterhub needs the package jupyterhub beside cxlab: pip install jupyterhub.")
