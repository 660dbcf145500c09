"""The command line: reports, apps, checks of data, samples. Bad input gives one sentence, never a traceback."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cxlab import __version__
from cxlab.errors import CxlabError, DataError, ParameterError, ReportError
from cxlab.publish.register import ANALYSES, Analysis
from cxlab.publish.study import line_of, studies_in
from cxlab.publish.values import parse_pairs, write_text

__all__ = ["main"]

DONE, CHECK_FAILED, BAD_INPUT, BROKE = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what stands behind `cxlab`; None reads the terminal's.

    Returns:
        0 done; 1 done, but a check failed and --fail-on-check was given; 2 bad parameters or data; 3 a notebook
        failed while it ran.
    """
    given = _parser().parse_args(arguments)
    try:
        return given.command(given)
    except (ParameterError, DataError) as error:
        return _complain(error, BAD_INPUT)
    except ReportError as error:
        return _complain(error, BROKE)
    except CxlabError as error:
        return _complain(error, BAD_INPUT)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return _complain("stopped", 130)


def _complain(error: object, code: int) -> int:
    print(f"cxlab: {error}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cxlab", description="Customer-experience research: reports and apps from one notebook."
    )
    parser.add_argument("--version", action="version", version=f"cxlab {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _command(commands, "list", _list, "which analyses there are")
    describe = _command(commands, "describe", _describe, "which parameters an analysis takes")
    describe.add_argument("name", help="the analysis")
    _add_run(_command(commands, "run", _run, "write one report: notebook, page and JSON"))
    _add_batch(_command(commands, "batch", _batch, "write the reports of a reports.yml, and an index page"))
    _add_app(_command(commands, "app", _app, "serve the notebooks as apps"))
    _add_lab(_command(commands, "lab", _lab, "open JupyterLab on your studies"))
    _add_new(_command(commands, "new", _new, "make a study: notebook, plan, data note and reports.yml"))
    _add_check(_command(commands, "check", _check, "tell what is wrong with a table"))
    _add_sample(_command(commands, "sample", _sample, "write the tables of a company with known truth"))
    _add_demo(_command(commands, "demo", _demo, "write the reports on the samples, and an index page"))
    return parser


def _command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str,
             run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:  # fmt: skip
    parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.set_defaults(command=run)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the analysis, as `cxlab list` names it, or a study's folder")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="KEY=VALUE",
                        help="set a parameter; a list parameter may be set several times")  # fmt: skip
    _add_out(parser)


def _add_batch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a reports.yml")
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="how many to run side by side")
    _add_out(parser)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR", help="folder to write to (reports)")
    parser.add_argument("--fail-on-check", action="store_true", help="end with 1 when a check failed")


def _add_app(parser: argparse.ArgumentParser) -> None:
    from cxlab.publish.app import PORT, SESSIONS
    from cxlab.publish.upload import LIMIT

    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="folder with studies to serve (this one)"
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"where to listen ({PORT})")
    parser.add_argument("--ip", default="127.0.0.1", help="address to listen on; others than this machine need --token")
    parser.add_argument("--token", default="", help="what visitors must know: they open /?token=…")
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


def _add_lab(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="FOLDER",
                        help="folder with your studies (this one)")  # fmt: skip
    parser.add_argument("--port", type=int, metavar="N", help="where to listen")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the study's folder, such as checkout-test")
    parser.add_argument("--from", dest="analysis", required=True, metavar="ANALYSIS",
                        help="the analysis to begin with, as `cxlab list` names it")  # fmt: skip
    parser.add_argument("--data", default="", metavar="FILE", help="your table; without, the analysis's sample")


def _add_demo(parser: argparse.ArgumentParser) -> None:
    _add_out(parser)
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="how many to run side by side")


def _add_check(parser: argparse.ArgumentParser) -> None:
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


def _add_sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("--customers", type=int, default=5000, metavar="N", help="how many customers (5000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same tables (1)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many processes work at once (2)")


def _list(_: argparse.Namespace) -> int:
    width = max(len(one.name) for one in ANALYSES)
    for one in ANALYSES:
        print(f"{one.name:<{width}}  {one.question} {one.scope}.")
    return DONE


def _describe(given: argparse.Namespace) -> int:
    one = line_of(given.name)
    print(f"{one.name}: {one.description}\n{one.scope}. Sample data: {one.sample}\n")
    for parameter in one.parameters:
        default = "required" if parameter.required else write_text(parameter.default) or "not set"
        print(f"  {parameter.name} = {default}\n      {parameter.help}\n      {parameter.expected}")
    return DONE


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    for text in texts:
        if "=" not in text:
            raise ParameterError(f"-p {text}: expected KEY=VALUE, such as -p confidence=0.9.")
    return [(name.strip(), value) for name, _, value in (text.partition("=") for text in texts)]


def _run(given: argparse.Namespace) -> int:
    from cxlab.publish.report import job_of, write_report

    line = line_of(given.name)
    job = job_of(given.name, parse_pairs(line.parameters, _pairs(given.parameter)))
    report = write_report(job, given.out, progress=sys.stderr.isatty())
    print(report.result["headline"])
    if report.data_headline:
        print(f"! data: {report.data_headline}")
    for check in report.failed_checks:
        print(f"! {check['name']}: {check['message']}")
    print(report.html)
    return CHECK_FAILED if given.fail_on_check and report.failed_checks else DONE


def _batch(given: argparse.Namespace) -> int:
    from cxlab.publish.batch import run_batch

    batch = run_batch(given.file, out=given.out, jobs=given.jobs, progress=True)
    for one in batch.reports:
        print(f"{one['name']}: {one['headline']}")
    print(batch.index.resolve())
    if batch.failed:
        return BROKE
    return CHECK_FAILED if given.fail_on_check and batch.warned else DONE


def _app(given: argparse.Namespace) -> int:
    from cxlab.publish.app import serve

    upload = 0 if given.no_upload else given.upload_limit
    serve(port=given.port, ip=given.ip, token=given.token, reports=given.reports, upload=upload,
          sessions=given.sessions, analyses=_served(given.folder))  # fmt: skip
    return DONE


def _served(place: Path | None) -> tuple[Analysis, ...] | None:
    """The studies of a folder; where none was named and none are here, every analysis on its sample."""
    if place is None:
        return studies_in(Path()) or None
    if not (found := studies_in(place)):
        raise ParameterError(f"'{place}' holds no study; make one: cxlab new NAME --from ANALYSIS.")
    return found


def _lab(given: argparse.Namespace) -> int:
    from cxlab.publish.lab import lab_command

    command, environment = lab_command(given.folder, port=given.port, browser=not given.no_browser)
    os.execve(command[0], command, environment)  # noqa: S606  the server takes this process's place


def _new(given: argparse.Namespace) -> int:
    from cxlab.publish.founding import new_study

    made = new_study(given.name, analysis=given.analysis, data=given.data)
    print(f"{made.study.path.parent}: {', '.join(sorted(path.name for path in made.study.path.parent.iterdir()))}")
    if made.guessed:
        print(f"Guessed from the table, look at them first: {', '.join(made.guessed)}")
    if made.missing:
        print(f"! Not ready to run: {made.missing}")
    print(f"Work on it: cxlab lab {given.name}    Report: cxlab run {given.name}    App: cxlab app {given.name}")
    return DONE


def _demo(given: argparse.Namespace) -> int:
    from cxlab.folders import folder

    given.file = folder("notebooks") / "reports.yml"
    return _batch(given)


def _check(given: argparse.Namespace) -> int:
    from cxlab.data import table
    from cxlab.quality import check_data
    from cxlab.quality.lines import finding_lines

    source = table(given.data, preset=given.preset, tz=given.tz)
    found = check_data(source, as_=given.contract, **dict(_pairs(given.parameter)))
    print(found.headline)
    for line in finding_lines(found):
        print(line)
    if given.out:
        from cxlab.publish.checked import write_check

        print(write_check(found, given.out, f"check_{given.contract}"))
    return CHECK_FAILED if given.fail_on_check and found.failed else DONE


def _sample(given: argparse.Namespace) -> int:
    from cxlab.data.synthetic import write_company

    files = write_company(given.folder, customers=given.customers, seed=given.seed, jobs=given.jobs)
    for path in files.values():
        print(path)
    print(f"What was put in: {given.folder / 'truth.json'}; what the columns mean: {given.folder / 'DICTIONARY.md'}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
