"""What the start page of `cxlab lab` reads from its server: studies, analyses, notebooks to begin with."""

import json
from pathlib import Path
from typing import Any

import tornado.web
from jupyter_server.base.handlers import APIHandler

from cxlab.errors import CxlabError
from cxlab.publish.register import ANALYSES, analysis_named
from cxlab.publish.study import Study, studies_in

__all__ = ["NotebookHandler", "StartHandler", "home"]

_NOTES = ("plan.md", "data_note.md", "reports.yml")


def home(root: Path) -> dict[str, Any]:
    """What does the start page show?

    Args:
        root: the folder that JupyterLab is opened on.

    Returns:
        The folder's studies and all analyses; `problem` says why studies cannot be listed, where they cannot.
    """
    problem = ""
    studies: tuple[Study, ...] = ()
    try:
        studies = studies_in(root)
    except CxlabError as error:
        problem = str(error)
    analyses = [
        {"name": one.name, "question": one.question, "scope": one.scope, "description": one.description}
        for one in ANALYSES
    ]
    return {"studies": [_shown(one, root) for one in studies], "analyses": analyses, "problem": problem}


def _shown(study: Study, root: Path) -> dict[str, Any]:
    place = study.path.parent
    notes = [(place / name).relative_to(root).as_posix() for name in _NOTES if (place / name).is_file()]
    return {
        "title": study.question, "scope": study.scope, "path": study.path.relative_to(root).as_posix(), "notes": notes,
    }  # fmt: skip


class _Handler(APIHandler):
    """Answers in JSON to whoever is logged in."""

    @property
    def root(self) -> Path:
        """The folder that JupyterLab is opened on."""
        return Path(self.settings["server_root_dir"]).expanduser()

    def _refuse(self, error: CxlabError) -> None:
        self.set_status(400)
        self.finish(json.dumps({"message": str(error)}))


class StartHandler(_Handler):
    """The start page's content, and new studies."""

    @tornado.web.authenticated
    def get(self) -> None:
        """Tell studies and analyses."""
        self.finish(json.dumps(home(self.root)))

    @tornado.web.authenticated
    def post(self) -> None:
        """Make a study on the analysis's sample."""
        from cxlab.publish.founding import new_study

        asked = self.get_json_body() or {}
        try:
            made = new_study(str(asked.get("name", "")), analysis=str(asked.get("analysis", "")), place=self.root)
        except CxlabError as error:
            self._refuse(error)
        else:
            self.finish(json.dumps({"path": made.study.path.relative_to(self.root).as_posix()}))


class NotebookHandler(_Handler):
    """An analysis's notebook, to begin with."""

    @tornado.web.authenticated
    def get(self, name: str) -> None:
        """Send it.

        Args:
            name: the analysis.
        """
        try:
            self.finish(analysis_named(name).notebook.read_text(encoding="utf-8"))
        except CxlabError as error:
            self._refuse(error)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "cxlab.publish.start"}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = server.web_app.settings["base_url"].rstrip("/")
    handlers = [(base + r"/cxlab/start", StartHandler), (base + r"/cxlab/notebook/(\w+)", NotebookHandler)]
    server.web_app.add_handlers(".*$", handlers)
