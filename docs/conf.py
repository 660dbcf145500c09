"""How the documentation is built: `make docs` writes docs/_build, from the guides and the package's own docstrings."""

import re
from typing import Any

import cxlab

project = "cxlab"
release = version = cxlab.__version__
copyright = "the authors of cxlab, MIT licence"  # noqa: A001  Sphinx's name for it

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
highlight_language = "text"
nitpicky = True
# Types of other packages are named, not linked: a link would need their sites.
nitpick_ignore_regex = [("py:.*", ".*")]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
smartquotes_action = "D"  # dashes only: a quotation mark in an example is typed as it is read

# A docstring is written once for the terminal, the notebook, the app and this site.
default_role = "literal"
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_custom_sections = ["Returns", "Assumes", "Source"]  # prose, in which a colon is a colon
autodoc_typehints = "none"
add_module_names = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = "cxlab"
html_static_path = ["static"]
html_css_files = ["cxlab.css"]
html_copy_source = False
html_show_sourcelink = False
pygments_style = "default"
_FONT = 'Arial, "Liberation Sans", Helvetica, sans-serif'
html_theme_options = {
    "light_css_variables": {
        "font-stack": _FONT,
        "color-brand-primary": "#0B4F7F",
        "color-brand-content": "#0B5C94",
        "color-brand-visited": "#0B5C94",
        "color-foreground-primary": "#1B2026",
        "color-foreground-muted": "#4A545E",
    },
    "dark_css_variables": {"font-stack": _FONT},
}


def setup(app: Any) -> None:
    """The empty line that ends an example is for the doctest, not for readers."""
    app.connect("source-read", _without_last_line)


def _without_last_line(_app: Any, _name: str, text: list[str]) -> None:
    text[0] = re.sub(r"^(```python\n.*?\n)\n```$", r"\1```", text[0], flags=re.DOTALL | re.MULTILINE)
