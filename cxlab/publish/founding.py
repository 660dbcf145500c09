"""`cxlab new`: a study's folder, which runs at once."""

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any

from cxlab.errors import CxlabError, ParameterError
from cxlab.folders import folder
from cxlab.publish.described import columns_text, quality_text
from cxlab.publish.fitting import Fit, fit
from cxlab.publish.notebooks import parameters_source
from cxlab.publish.register import Analysis, analysis_named
from cxlab.publish.study import Study, seen_from, study_at
from cxlab.wording import count, sentence_list

__all__ = ["Founded", "new_study"]

_NAME = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)


@dataclass(frozen=True)
class Founded:
    """A new study, which of its settings were guessed from the table, and what keeps it from running."""

    study: Study
    guessed: tuple[str, ...]
    missing: str = ""


def new_study(name: str, *, analysis: str, data: str = "", place: Path = Path()) -> Founded:
    """Where does one begin with a question of one's own?

    Args:
        name: the study's folder, such as "checkout-test".
        analysis: the analysis to begin with, such as "ab_test".
        data: the table: a path, a glob of files, or SQL; "" takes the analysis's sample.
        place: the folder to make it in.

    Returns:
        The study: a notebook, plan.md, data_note.md and reports.yml.

    Raises:
        ParameterError: a name that is no plain one, a folder that is there already, an unknown analysis.
        DataError: the table cannot be read; nothing was made.
    """
    line, target = analysis_named(analysis), place / name
    if not _NAME.fullmatch(name):
        raise ParameterError(f"The name is {name!r}; expected letters, digits, - and _, such as 'checkout-test'.")
    if target.exists():
        raise ParameterError(f"The folder '{target}' is there already; choose another name, or move it away.")
    from cxlab.data import table

    opened = table(data or line.sample)
    found = fit(line, opened) if data else Fit(line.values)
    own = replace(line, sample=seen_from(Path(), data, target) if data else line.sample, values=dict(found.values))
    texts = _texts(name, own, opened, found.guessed)
    notebook = _notebook(name, line, own, texts.pop("notebook.md"))
    _make(target, {**texts, f"{name}.ipynb": notebook})
    return Founded(study_at(target / f"{name}.ipynb"), found.guessed, _missing(own, opened))


def _missing(own: Analysis, table: Any) -> str:
    """What keeps the analysis from answering with these settings; "" where it answers."""
    values = {one.name: one.default for one in own.passed if one.name != "quality"}
    unset = [f"`{one.name}`" for one in own.settings if one.required]
    if unset:
        return f"{sentence_list(unset)} cannot be told from the table; set it in the notebook's parameters."
    try:
        own.function(table, **values)
    except CxlabError as error:
        return str(error)
    return ""


def _texts(name: str, line: Analysis, table: Any, guessed: tuple[str, ...]) -> dict[str, str]:
    agreed = _template(f"agreed/{line.name}.md") or _template("agreed/other.md")
    values = {
        "name": name, "folder": name, "notebook": f"{name}.ipynb", "analysis": line.name,
        "title": _title(name), "heading": _heading(name, line), "question": line.question, "agreed": agreed.strip(),
        "source": f"{table.source} has {count(table.rows)} rows (data fingerprint {table.fingerprint}).",
        "quality": quality_text(line, table), "columns": columns_text(line, table), "guesses": _guesses(guessed),
    }  # fmt: skip
    files = ("plan.md", "data_note.md", "reports.yml", "notebook.md")
    return {file: Template(_template(file)).substitute(values) for file in files}


def _template(name: str) -> str:
    path = folder("templates") / "study" / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _guesses(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    listed = sentence_list([f"`{name}`" for name in names])
    return f"**Guessed from the table:** {listed}. Look at them in the notebook's parameters before you read an answer."


def _notebook(name: str, line: Analysis, own: Analysis, section: str) -> str:
    """The analysis's notebook with the study's title, settings and section on plan and data."""
    import nbformat

    notebook = nbformat.read(line.notebook, 4)
    first, last = notebook.cells[0], notebook.cells[-1]
    title = _heading(name, line)
    first.source = re.sub(r"^# .*", f"# {title}", first.source, count=1)
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.source = parameters_source(own)
    notebook.cells = [*notebook.cells[:-1], nbformat.v4.new_markdown_cell(section.strip()), last]
    notebook.metadata.update(title=title, cxlab={"analysis": line.name})
    return nbformat.writes(notebook)


def _title(name: str) -> str:
    words = re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _heading(name: str, line: Analysis) -> str:
    return f"{_title(name)}: {line.question[:1].lower()}{line.question[1:]}"


def _make(target: Path, files: Mapping[str, str]) -> None:
    """The whole folder or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".cxlab-"))
    try:
        for name, text in files.items():
            (draft / name).write_text(re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n", encoding="utf-8")
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
