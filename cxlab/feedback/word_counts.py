"""What people write about: words and pairs of words counted by the people who use them; nobody is quoted."""

from __future__ import annotations

import pandas as pd

from cxlab.data import Engine, literal
from cxlab.feedback.stop_words import NEGATIONS, STOP_WORDS
from cxlab.results import SMALLEST_GROUP

__all__ = ["frequent_words"]

_SHORTEST, _CONTAINED = 3, 1.3


def frequent_words(engine: Engine, relation: str, *, most: int = 8, smallest: int = SMALLEST_GROUP) -> pd.DataFrame:
    """Which words and pairs of words do most people of a group use?

    Args:
        engine: where the comments are.
        relation: SQL of the comments: k (group), u (person), comment.
        most: how many for each group.
        smallest: what fewer people use is left out.

    Returns:
        k, theme, n (people), comments; the most frequent first. A word that almost always stands in one pair is told
        by the pair alone.

    Assumes:
        Blanks or signs part the words, as they do not in Chinese or Japanese.

    Examples:
        >>> engine = Engine()
        >>> engine.execute("CREATE TABLE said AS SELECT 1 AS k, 'p' || i AS u, 'My parcel came late!' AS comment "
        ...                "FROM range(6) AS r(i)")
        >>> frequent_words(engine, "said")[["theme", "n"]].values.tolist()
        [['late', 6], ['parcel', 6]]
    """
    found = engine.query(_counts(relation, smallest))
    parts = [_told(rows).head(most) for _, rows in found.groupby("k", sort=True)]
    return pd.concat(parts, ignore_index=True) if parts else found


def _counts(relation: str, smallest: int) -> str:
    """Words and pairs of neighbours, each person once."""
    letters = r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*"
    return f"""
WITH said AS (SELECT k, u, row_number() OVER () AS a,
  regexp_extract_all(replace(lower(comment), '’', ''''), '{letters.replace("'", "''")}') AS words
  FROM {relation} AS r WHERE comment IS NOT NULL AND u IS NOT NULL),
placed AS (SELECT k, u, a, unnest(words) AS word, generate_subscripts(words, 1) AS place FROM said),
sorted AS (SELECT *, word IN ({_listed(NEGATIONS)}) AS negates,
  length(word) >= {_SHORTEST} AND word NOT IN ({_listed(STOP_WORDS | NEGATIONS)}) AS tells FROM placed),
follow AS (SELECT *, lead(word) OVER w AS next, coalesce(lead(tells) OVER w, false) AS next_tells FROM sorted
  WINDOW w AS (PARTITION BY a ORDER BY place)),
themes AS (SELECT k, u, a, word AS theme FROM follow WHERE tells
  UNION ALL SELECT k, u, a, word || ' ' || next FROM follow WHERE next_tells AND (tells OR negates))
SELECT k, theme, count(DISTINCT u) AS n, count(DISTINCT a) AS comments FROM themes GROUP BY 1, 2
HAVING count(DISTINCT u) >= {smallest} ORDER BY k, n DESC, comments DESC, theme"""


def _listed(words: frozenset[str]) -> str:
    return ", ".join(literal(word) for word in sorted(words))


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """The pairs that say most of what their words say, in place of these words and of pairs that overlap with them."""
    size = dict(zip(rows["theme"], rows["n"], strict=True))
    kept: list[str] = []
    for pair in (theme for theme in size if " " in theme):
        words = pair.split(" ")
        known = any(set(words) & set(one.split(" ")) and size[one] <= _CONTAINED * size[pair] for one in kept)
        if not known and any(size.get(word, 0) <= _CONTAINED * size[pair] for word in words):
            kept.append(pair)
    inside = {word for pair in kept for word in pair.split(" ") if size.get(word, 0) <= _CONTAINED * size[pair]}
    return rows[[theme in kept if " " in theme else theme not in inside for theme in rows["theme"]]]
