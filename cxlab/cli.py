"""The command line: list, describe, run, batch, app, lab. Bad input gives one sentence, never a traceback."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cxlab import __version__
from cxlab.errors import CxlabError, DataError, ParameterError, ReportError
from cxlab.publish.register import ANALYSES, analysis_named
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
    _command(commands, "lab", _lab, "open JupyterLab on the notebooks")
    return parser


def _command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str,
             run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:  # fmt: skip
    parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.set_defaults(command=run)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the analysis, as `cxlab list` names it")
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
    from cxlab.publish.app import PORT

    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"where to listen ({PORT})")
    parser.add_argument("--ip", default="127.0.0.1", help="address to listen on; others than this machine need --token")
    parser.add_argument("--token", default="", help="what visitors must know: they open /?token=…")


def _list(_: argparse.Namespace) -> int:
    width = max(len(one.name) for one in ANALYSES)
    for one in ANALYSES:
        print(f"{one.name:<{width}}  {one.question} {one.scope}.")
    return DONE


def _describe(given: argparse.Namespace) -> int:
    one = analysis_named(given.name)
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

    line = analysis_named(given.name)
    job = job_of(given.name, parse_pairs(line.parameters, _pairs(given.parameter)))
    report = write_report(job, given.out, progress=sys.stderr.isatty())
    print(report.result["headline"])
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

    serve(port=given.port, ip=given.ip, token=given.token)
    return DONE


def _lab(_: argparse.Namespace) -> int:
    from cxlab.publish.lab import lab_command

    command, environment = lab_command()
    os.execve(command[0], command, environment)  # noqa: S606  the server takes this process's place


if __name__ == "__main__":
    sys.exit(main())
