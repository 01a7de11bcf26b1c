"""What a passed comparison is called, and how shares are written."""

import pytest

from broximal.verify.words import percent


@pytest.mark.parametrize(
    "share, text", [(0.001, "0.1%"), (0.0291, "2.9%"), (0.5, "50%"), (0.994, "99%"), (0.9961, "99.61%"), (1.0, "100%")]
)
def test_a_share_is_never_in_scientific_notation(share, text):
    assert percent(share) == text
