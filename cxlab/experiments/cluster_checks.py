"""Checks of an experiment that assigned groups of rows as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxlab.data import ALL
from cxlab.experiments.measurement import Measurement
from cxlab.experiments.trust import ratio_words
from cxlab.results import Check
from cxlab.stats.sample_ratio import sample_ratio_test
from cxlab.wording import count, number, p_text, sentence_list, share

__all__ = ["few_check", "level_check", "missing_check", "ratio_check"]

_WARN, _FAIL = 0.01, 0.001
_FEW, _UNEVEN, _MANY = 10, 0.8, 40


def level_check(name: str, p_value: float, message: str) -> Check:
    """A check that warns below p = 0.01 and fails below 0.001."""
    severity = "failure" if p_value < _FAIL else "warning" if p_value < _WARN else "info"
    return Check(name, severity == "info", severity, message)  # type: ignore[arg-type]


def ratio_check(sizes: Sequence[int], planned: Sequence[float], what: str) -> Check:
    """Are as many groups in each variant as planned? The rows in them may differ.

    Args:
        sizes: groups per variant.
        planned: the planned ratio.
        what: what was assigned, in words.

    Returns:
        The check "sample_ratio".
    """
    p_value = sample_ratio_test([*sizes], [*planned]).p_value
    seen = f"{sentence_list([*map(count, sizes)])} {what}"
    ratio = ratio_words([*planned])
    if p_value >= _WARN:
        return level_check("sample_ratio", p_value, f"{seen}, {ratio} as planned.")
    message = f"{seen} instead of {ratio} (p {p_text(p_value)}): find out why some are not counted."
    return level_check("sample_ratio", p_value, message)


def few_check(clusters: Mapping[str, int], unevenness: float) -> Check:
    """Are there enough groups for the interval to be right?

    Args:
        clusters: groups per variant.
        unevenness: coefficient of variation of their sizes.

    Returns:
        The check "few_clusters".
    """
    few = [f"{count(n)} in {variant}" for variant, n in clusters.items() if n < _FEW]
    if few:
        message = f"Few groups ({sentence_list(few)}): intervals are wide, and {_FEW} in each would be safer."
        return Check("few_clusters", False, "warning", message)
    if unevenness > _UNEVEN and sum(clusters.values()) < _MANY:
        message = (
            f"Groups of very unequal size (they vary by {share(unevenness, 0)} of their mean): p-values "
            "may be too small "
            "by a third. Compare with the groups' own averages in the table “clusters”."
        )
        return Check("few_clusters", False, "warning", message)
    counted = sentence_list([count(n) for n in clusters.values()])
    return Check("few_clusters", True, "info", f"{counted} groups, sizes varying by {number(unevenness * 100, 0)}%.")


def missing_check(measured: Measurement, p_values: Mapping[int, float]) -> Check:
    """Do values go missing in one variant more than in another, by more than groups differ anyway?

    Args:
        measured: the sums.
        p_values: by place of the metric, tested over the groups.

    Returns:
        The check "missing_by_variant".
    """
    sentences = []
    for index in p_values:
        cells = [measured.cells[index, ALL, variant] for variant in measured.variants]
        rates = sentence_list([share(cell.missing / cell.rows) for cell in cells])
        sentences.append(f"{measured.metrics[index].words}: {rates} without a value")
    worst = min(p_values.values())
    ending = "alike in all variants" if worst >= _WARN else f"not alike (p {p_text(worst)}); those who are left differ"
    return level_check("missing_by_variant", worst, f"{'; '.join(sentences)}; {ending}.")
