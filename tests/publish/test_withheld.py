"""What no kernel of an app gets to know."""

import pytest

from cxlab.publish.withheld import is_withheld, without_secrets


@pytest.mark.parametrize(
    "name",
    ["CXLAB_APP_TOKEN", "JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE", "JPY_API_TOKEN", "JUPYTERHUB_API_TOKEN",
     "JUPYTERHUB_CLIENT_ID", "CONFIGPROXY_AUTH_TOKEN", "VOILA_REQUEST_URL"],
)  # fmt: skip
def test_tokens_and_a_hubs_words_are_withheld(name):
    assert is_withheld(name)


def test_all_else_stays_and_the_source_is_not_changed():
    given = {"PATH": "/bin", "QUERY_STRING": "a=b", "CXLAB_APP_TOKEN": "secret"}
    assert without_secrets(given) == {"PATH": "/bin", "QUERY_STRING": "a=b"}
    assert "CXLAB_APP_TOKEN" in given
