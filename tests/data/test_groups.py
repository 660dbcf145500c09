"""The word for everybody belongs to nobody else."""

import pytest

from cxlab.data import ALL, NOT_GIVEN, refuse_total
from cxlab.errors import DataError


def test_only_the_very_word_is_refused():
    refuse_total(["All", "all channels", NOT_GIVEN, ""], "channel")
    with pytest.raises(DataError, match="Column 'channel' has a group called 'all'"):
        refuse_total({"app", ALL}, "channel")
