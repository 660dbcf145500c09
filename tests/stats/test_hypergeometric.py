"""Gauss's function against its series, its integral and the library."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta, hyp2f1

from cxlab.stats.hypergeometric import at_negative, with_one


@pytest.mark.parametrize(("b", "c"), [(0.5, 1.2), (3.0, 3.6), (220.0, 223.0), (5e4, 5e4 + 2.5), (2.0, 2.0)])
@pytest.mark.parametrize("z", [0.2, 0.9, 0.998])
def test_with_one_equals_its_series(b, c, z):
    n = np.arange(30_000)
    terms = np.cumprod(np.append(1.0, z * (b + n) / (c + n)))
    assert float(with_one(b, c, z)) == pytest.approx(terms.sum(), rel=1e-9)


@pytest.mark.parametrize("a", [0.3, 1.8, 5.0, 5.8, 40.0, 40.8, 40.8000001])
@pytest.mark.parametrize("z", [0.3, 3.0, 50.0])
def test_at_negative_equals_its_integral(a, z):
    b, c = 0.8, 3.3
    whole = quad(lambda u: (1 - u**1.25) ** (c - b - 1) * (1 + z * u**1.25) ** -a * 1.25, 0, 1, limit=400)[0] / beta(
        b, c - b
    )
    assert float(at_negative(a, b, c, z)) == pytest.approx(whole, rel=1e-7)
    assert float(at_negative(a, b, c, 0.0)) == 1 == hyp2f1(a, b, c, 0)
