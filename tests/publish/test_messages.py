"""What readers see of an error."""

from cxlab.errors import DataError
from cxlab.publish.messages import message_html, message_of


def test_our_own_text_is_shown():
    assert message_of(DataError("312 of 4,000 rows have no `variant`.")) == "312 of 4,000 rows have no `variant`."


def test_any_other_error_is_a_reference_under_which_the_log_has_the_traceback(monkeypatch, capsys):
    import io
    import sys

    log = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", log)
    text = message_of(KeyError("/srv/secret.csv"))
    reference = text.rsplit(" ", 1)[-1].rstrip(".")
    assert "secret" not in text
    assert f"cxlab reference {reference}" in log.getvalue()
    assert "secret" in log.getvalue()


def test_values_are_escaped():
    html = message_html("`only` is '<script>alert(1)</script>'")
    assert "<script>" not in html
    assert "<code>only</code>" in html
    assert 'role="alert"' in html
