"""What the commands take: each option with its help."""

import argparse
from pathlib import Path

__all__ = [
    "app_options",
    "batch_options",
    "check_options",
    "demo_options",
    "diff_options",
    "lab_options",
    "new_options",
    "run_options",
    "sample_options",
]


def run_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab run`."""
    parser.add_argument("name", help="the analysis, as `cxlab list` names it, or a study's folder")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="KEY=VALUE",
                        help="set a parameter; a list parameter may be set several times")  # fmt: skip
    _add_out(parser)


def batch_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab batch`."""
    parser.add_argument("file", type=Path, help="a reports.yml")
    demo_options(parser)


def demo_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab demo`."""
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="how many to run side by side")
    parser.add_argument("--resume", action="store_true", help="keep finished reports whose data, parameters, notebook "
                        "and versions are what they were")  # fmt: skip
    _add_out(parser)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR", help="folder to write to (reports)")
    parser.add_argument("--timeout", default="30min", metavar="TIME", help="how long a report may run (30min)")
    parser.add_argument("--pdf", action="store_true", help="print as PDF too; needs Chromium")
    parser.add_argument("--fail-on-check", action="store_true", help="end with 1 when a check failed")


def diff_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab diff`."""
    parser.add_argument("before", type=Path, help="a report's JSON")
    parser.add_argument("after", type=Path, help="the JSON of a later run of it")
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")
    parser.add_argument("--fail-on-change", action="store_true", help="end with 1 when something changed beyond noise")


def app_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab app`."""
    from cxlab.publish.app import SESSIONS
    from cxlab.publish.entrance import PORT
    from cxlab.publish.upload import LIMIT

    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="folder with studies to serve (this one)"
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"where to listen ({PORT})")
    parser.add_argument("--ip", default="127.0.0.1", help="address to listen on; others than this machine need --token")
    parser.add_argument("--token", action="store_true", help="visitors must give CXLAB_APP_TOKEN, or what you type now")
    parser.add_argument("--base-url", default="/", metavar="PATH", help="path behind a proxy, such as /cx/")
    parser.add_argument("--jupyterhub", action="store_true", help="be a service of JupyterHub, which checks visitors")
    parser.add_argument("--reports", type=Path, metavar="DIR",
                        help="a batch's folder: its reports stand beside the apps")  # fmt: skip
    parser.add_argument("--no-upload", action="store_true", help="take no tables from visitors")
    parser.add_argument("--upload-limit", type=_from_one, default=LIMIT, metavar="MB",
                        help=f"largest table that a visitor may send ({LIMIT})")  # fmt: skip
    parser.add_argument("--sessions", type=_from_one, default=SESSIONS, metavar="N",
                        help=f"how many pages may be open at once ({SESSIONS})")  # fmt: skip


def _from_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def lab_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab lab`."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="FOLDER",
                        help="folder with your studies (this one)")  # fmt: skip
    parser.add_argument("--port", type=int, metavar="N", help="where to listen")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--jupyterhub", action="store_true", help="be the server that JupyterHub starts for a person")


def new_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab new`."""
    parser.add_argument("name", help="the study's folder, such as checkout-test")
    parser.add_argument("--from", dest="analysis", required=True, metavar="ANALYSIS",
                        help="the analysis to begin with, as `cxlab list` names it")  # fmt: skip
    parser.add_argument("--data", default="", metavar="FILE", help="your table; without, the analysis's sample")


def check_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab check`."""
    parser.add_argument("data", help="the table: a path, a glob of files, or SQL")
    parser.add_argument("--as", dest="contract", default="events", metavar="KIND",
                        help="what a row is: events (if not given), assignments, survey_responses, tickets, "
                        "transactions, subscriptions or customers")  # fmt: skip
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="ROLE=COLUMN",
                        help="which column plays a role, such as unit=user_id; usual names need none")  # fmt: skip
    parser.add_argument("--preset", metavar="NAME", help="the tool that wrote the export, such as zendesk_tickets")
    parser.add_argument("--tz", default="UTC", metavar="ZONE", help="time zone of times without one (UTC)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the report as a page and JSON")
    parser.add_argument("--fail-on-check", action="store_true", help="end with 1 when there is something to act on "
                        "or to look at")  # fmt: skip


def sample_options(parser: argparse.ArgumentParser) -> None:
    """Options of `cxlab sample`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("--customers", type=int, default=5000, metavar="N", help="how many customers (5000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same tables (1)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many processes work at once (2)")
