"""What moves bytes is tested twice: with the compiled kernels, and with their NumPy twins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzdata.frames import kernels


@pytest.fixture(scope="module", params=["compiled", "numpy"])
def both_kernels(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run every test of a module with either: ``pytestmark = pytest.mark.usefixtures("both_kernels")``."""
    before, kernels.active = kernels.active, kernels.choose(request.param)
    yield request.param
    kernels.active = before
