"""Errors read well and show no traceback in a notebook."""

import pytest

from cxlab.errors import CxlabError, DataError, ParameterError, ReportError, SourceError, choose, nearest


def test_the_family_is_one_and_a_value_error() -> None:
    assert issubclass(SourceError, DataError)
    assert all(issubclass(kind, CxlabError) for kind in (DataError, ParameterError, ReportError))
    assert issubclass(CxlabError, ValueError)


def test_jupyter_prints_one_line() -> None:
    assert DataError("No rows.")._render_traceback_() == ["DataError: No rows."]


def test_the_nearest_choice_ignores_case() -> None:
    assert nearest("WEEK", ["day", "week"]) == " Did you mean 'week'?"


def test_a_choice_is_returned_and_another_refused() -> None:
    assert choose("period", "day", ["day", "week"]) == "day"
    with pytest.raises(ParameterError, match="`period` is 'yearly'; expected one of 'day', 'week'"):
        choose("period", "yearly", ["day", "week"])
