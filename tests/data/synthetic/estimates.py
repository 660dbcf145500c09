"""Direct estimates of what was planted, written apart from the analyses: likelihoods and errors."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, chdtrc, gammaln


def z(found: float, true: float, error: float) -> float:
    return abs(found - true) / error


def share_error(share: float, n: int) -> float:
    return float(np.sqrt(share * (1 - share) / n))


def fitted(loss, start):
    """Minimum of a negative log likelihood in log parameters, with standard errors from the curvature."""
    best = minimize(loss, np.log(start), method="BFGS", options={"gtol": 1e-4})
    return best.x, np.sqrt(np.diag(np.linalg.inv(curvature(loss, best.x)))), best.fun


def curvature(loss, at, step=1e-3):
    size = len(at)
    steps = np.eye(size) * step
    cross = [loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b) for a in steps for b in steps]
    return np.array(cross).reshape(size, size) / (4 * step**2)


def sbg_loss(lost, survived):
    """Negative log likelihood of renewals survived by those who left (at renewal t) and those still there."""

    def loss(logs):
        a, b = np.exp(logs)
        gone = betaln(a + 1, b + lost - 1) - betaln(a, b)
        there = betaln(a, b + survived) - betaln(a, b)
        return -(gone.sum() + there.sum())

    return loss


def bgnbd_loss(x, last, age):
    def loss(logs):
        r, alpha, a, b = np.exp(logs)
        first = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        dead = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
        return -(first + np.where(x > 0, np.logaddexp(alive, dead), alive)).sum()

    return loss


def gamma_gamma_loss(x, mean):
    def loss(logs):
        p, q, v = np.exp(logs)
        shape = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        return -(shape + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(v + x * mean)).sum()

    return loss


def likelihood_p(loss, best, true):
    """Is the truth among the plausible parameters? The p-value of the likelihood ratio."""
    return float(chdtrc(len(true), max(2 * (loss(np.log(true)) - best), 0.0)))


def slope(y, *columns):
    """Least squares: coefficients after the intercept, and their standard errors."""
    design = np.column_stack([np.ones(len(y)), *columns])
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ y
    spread = ((y - design @ found) ** 2).sum() / (len(y) - design.shape[1])
    return found[1:], np.sqrt(np.diag(inverse) * spread)[1:]
