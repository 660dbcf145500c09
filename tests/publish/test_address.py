"""The address sets analysis parameters, strictly checked, and nothing else."""

import pytest

from cxlab.errors import ParameterError
from cxlab.publish.address import address_of, take_query, values_in
from tests.publish.toy import TOY


def test_good_values_are_taken():
    assert values_in("order=name&least=0.2&only=a&only=b", TOY) == {"order": "name", "least": 0.2, "only": ["a", "b"]}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ordr=name", "Did you mean 'order'"),
        ("order=nmae", "Did you mean 'name'"),
        ("data=/etc/passwd", "The address cannot set `data`"),
        ("tz=UTC", "The address cannot set `tz`"),
        ("plan=/etc/passwd", "The address cannot set `plan`"),
        ("simulations=20000", "The address cannot set `simulations`"),
        ("least=", "`least` is ''"),
    ],
)
def test_bad_values_and_the_data_are_refused(query, message):
    with pytest.raises(ParameterError, match=message):
        values_in(query, TOY)


def test_the_servers_own_words_are_no_parameters():
    assert values_in("token=secret&template=lab&theme=dark", TOY) == {}


def test_the_address_holds_only_what_differs_and_restores_it():
    defaults = {"order": "share", "least": 0.0, "only": None, "segment": "plan", "confidence": 0.95}
    changed = {**defaults, "order": "name", "only": ["a, b", "c"]}
    address = address_of(changed, defaults)
    assert "least" not in address
    assert {**defaults, **values_in(address.removeprefix("?"), TOY)} == changed
    assert address_of(defaults, defaults) == ""


def test_the_query_leaves_the_environment(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "token=secret")
    monkeypatch.setenv("VOILA_REQUEST_URL", "http://127.0.0.1/?token=secret")
    assert take_query() == "token=secret"
    import os

    assert not {"QUERY_STRING", "VOILA_REQUEST_URL"} & set(os.environ)
    assert take_query() == ""
