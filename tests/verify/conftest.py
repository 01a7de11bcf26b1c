"""What holds for the tests of this folder."""

import pytest

from broximal.verify import loading


@pytest.fixture(autouse=True)
def files_are_forgotten():
    """What a test has loaded from files of its own is unknown to the next."""
    before = list(loading._loaded)
    yield
    for name in [name for name in loading._loaded if name not in before]:
        loading._let_in(name, None)
        del loading._loaded[name]
