"""What the reference and the mistakes do is computed once for each exercise and seed.

The first seed is tried in the quick suite, too; the others in the whole one.
"""

import pytest

from course_lib import checks


@pytest.fixture(scope="session", autouse=True)
def every_key_is_kept():
    """A notebook keeps the last few."""
    before, checks.KEYS = checks.KEYS, 10**9
    yield
    checks.KEYS = before


@pytest.fixture(params=[pytest.param((0,), id="first"),
                        pytest.param((1, 2), id="others", marks=pytest.mark.slow)])
def seeds(request):
    """Seeds of the cases."""
    return request.param
