"""Which words of the environment no kernel of an app may know: what opens the server's doors, and a hub's keys."""

from collections.abc import Mapping

__all__ = ["TOKEN", "is_withheld", "without_secrets"]

TOKEN = "CXLAB_APP_TOKEN"  # noqa: S105  the name of a variable
_NAMES = frozenset({TOKEN, "JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE", "VOILA_REQUEST_URL", "VOILA_TOKEN", "JPY_API_TOKEN"})
_FAMILIES = ("JUPYTERHUB_", "CONFIGPROXY_")


def is_withheld(name: str) -> bool:
    """Is this variable kept from kernels?

    Args:
        name: the variable.

    Returns:
        True for tokens and for all that a hub tells its services.

    Examples:
        >>> is_withheld("JUPYTERHUB_API_TOKEN"), is_withheld("PATH")
        (True, False)
    """
    return name in _NAMES or name.startswith(_FAMILIES)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """What is left of an environment for a kernel?

    Args:
        environment: name to value.

    Returns:
        A copy without what is withheld.
    """
    return {name: value for name, value in environment.items() if not is_withheld(name)}
