"""What a reader sees when something cannot be shown: a sentence, never a traceback."""

import re
import sys
import traceback
from html import escape
from uuid import uuid4

from cxlab.errors import CxlabError

__all__ = ["message_html", "message_of", "new_reference", "reference_of"]


def message_of(error: BaseException) -> str:
    """What does the reader get told about an error?

    Args:
        error: what was raised.

    Returns:
        Its own text when cxlab raised it on purpose, else a sentence with a reference; the traceback
        is then written to the log under the same reference.
    """
    if isinstance(error, CxlabError):
        return str(error)
    return f"Something went wrong while this was computed. Please quote the reference {reference_of(error)}."


def reference_of(error: BaseException) -> str:
    """Under which reference does the log keep the traceback?

    Args:
        error: what was raised.

    Returns:
        Eight characters.
    """
    reference = new_reference()
    lines = "".join(traceback.format_exception(error))
    print(f"cxlab reference {reference}\n{lines}", file=sys.__stderr__, flush=True)
    return reference


def new_reference() -> str:
    """By which word can a reader name what went wrong?

    Returns:
        Eight characters.
    """
    return uuid4().hex[:8]


def message_html(text: str, *, title: str = "This cannot be shown.") -> str:
    """How does a message look on a page?

    Args:
        text: the sentence; names between backticks are set as code.
        title: the words before it.

    Returns:
        HTML in which every value is escaped.

    Examples:
        >>> message_html("`metric` is <b>", title="No.")
        '<div class="cx-message" role="alert"><p><strong>No.</strong> <code>metric</code> is &lt;b&gt;</p></div>'
    """
    body = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return f'<div class="cx-message" role="alert"><p><strong>{escape(title)}</strong> {body}</p></div>'
