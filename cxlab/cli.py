"""The command line: reports, apps, checks of data, samples. Bad input gives one sentence, never a traceback."""

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
        0 done; 1 done, but a gate was missed, a check failed and --fail-on-check was given, or something changed and
        --fail-on-change was given; 2 bad parameters or data; 3 a notebook failed while it ran.
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
    _add_diff(_command(commands, "diff", _diff, "tell what changed between two runs of a report, beyond noise"))
    _add_app(_command(commands, "app", _app, "serve the notebooks as apps"))
    _command(commands, "lab", _lab, "open JupyterLab on the notebooks")
    _add_check(_command(commands, "check", _check, "tell what is wrong with a table"))
    _add_sample(_command(commands, "sample", _sample, "write the tables of a company with known truth"))
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
    parser.add_argument("--resume", action="store_true", help="keep finished reports whose data, parameters, notebook "
                        "and versions are what they were")  # fmt: skip
    _add_out(parser)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR", help="folder to write to (reports)")
    parser.add_argument("--timeout", default="30min", metavar="TIME", help="how long a report may run (30min)")
    parser.add_argument("--pdf", action="store_true", help="print as PDF too; needs Chromium")
    parser.add_argument("--fail-on-check", action="store_true", help="end with 1 when a check failed")


def _add_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, help="a report's JSON")
    parser.add_argument("after", type=Path, help="the JSON of a later run of it")
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")
    parser.add_argument("--fail-on-change", action="store_true", help="end with 1 when something changed beyond noise")


def _add_app(parser: argparse.ArgumentParser) -> None:
    from cxlab.publish.app import PORT

    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"where to listen ({PORT})")
    parser.add_argument("--ip", default="127.0.0.1", help="address to listen on; others than this machine need --token")
    parser.add_argument("--token", default="", help="what visitors must know: they open /?token=…")


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
    from dataclasses import replace

    from cxlab.publish.warm.owner import start_warm

    line = analysis_named(given.name)
    start_warm()  # it warms up while all else is imported and checked
    from cxlab.publish.pdf import chromium
    from cxlab.publish.report import job_of, seconds_of, write_report

    job = job_of(given.name, parse_pairs(line.parameters, _pairs(given.parameter)))
    job = replace(job, seconds=seconds_of(given.timeout), pdf=bool(given.pdf and chromium()))
    report = write_report(job, given.out, progress=sys.stderr.isatty())
    print(report.result["headline"])
    if report.data_headline:
        print(f"! data: {report.data_headline}")
    for check in report.failed_checks:
        print(f"! {check['name']}: {check['message']}")
    for path in filter(None, (report.html, report.pdf)):
        print(path)
    return CHECK_FAILED if given.fail_on_check and report.failed_checks else DONE


def _batch(given: argparse.Namespace) -> int:
    from cxlab.publish.warm.owner import start_warm

    if given.file.is_file() and not given.resume:
        start_warm()  # it warms up while all else is imported and checked
    from cxlab.publish.batch import run_batch
    from cxlab.publish.gates import missed_gates

    batch = run_batch(
        given.file, out=given.out, jobs=given.jobs, timeout=given.timeout, resume=given.resume,
        fail_on_check=given.fail_on_check, pdf=given.pdf, progress=True,
    )  # fmt: skip
    for one in batch.reports:
        print(f"{one['name']}: {one['headline']}")
        for gate in missed_gates(one):
            print(f"! gate missed: {gate['message']}")
    print(batch.index.resolve())
    return batch.code


def _diff(given: argparse.Namespace) -> int:
    from cxlab.publish.diff import compare_runs
    from cxlab.publish.difftext import diff_json, diff_text

    found = compare_runs(given.before, given.after)
    print(diff_json(found) if given.json else diff_text(found))
    return CHECK_FAILED if given.fail_on_change and found.changed else DONE


def _app(given: argparse.Namespace) -> int:
    from cxlab.publish.app import serve

    serve(port=given.port, ip=given.ip, token=given.token)
    return DONE


def _lab(_: argparse.Namespace) -> int:
    from cxlab.publish.lab import lab_command

    command, environment = lab_command()
    os.execve(command[0], command, environment)  # noqa: S606  the server takes this process's place


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
