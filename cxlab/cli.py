"""The command line: reports, apps, checks of data, samples. Bad input gives one sentence, never a traceback."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxlab import __version__
from cxlab.errors import CxlabError, DataError, ParameterError, ReportError
from cxlab.publish import options
from cxlab.publish.register import ANALYSES, Analysis
from cxlab.publish.study import line_of, studies_in
from cxlab.publish.values import parse_pairs, write_text

if TYPE_CHECKING:
    from cxlab.publish.entrance import Entrance

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
    options.run_options(_command(commands, "run", _run, "write one report: notebook, page and JSON"))
    options.batch_options(_command(commands, "batch", _batch, "write the reports of a reports.yml, and an index page"))
    options.diff_options(
        _command(commands, "diff", _diff, "tell what changed between two runs of a report, beyond noise")
    )
    options.app_options(_command(commands, "app", _app, "serve the notebooks as apps"))
    options.lab_options(_command(commands, "lab", _lab, "open JupyterLab on your studies"))
    options.new_options(_command(commands, "new", _new, "make a study: notebook, plan, data note and reports.yml"))
    options.check_options(_command(commands, "check", _check, "tell what is wrong with a table"))
    options.sample_options(_command(commands, "sample", _sample, "write the tables of a company with known truth"))
    options.demo_options(_command(commands, "demo", _demo, "write the reports on the samples, and an index page"))
    return parser


def _command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str,
             run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:  # fmt: skip
    parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.set_defaults(command=run)
    return parser


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
    from dataclasses import replace

    from cxlab.publish.warm.owner import start_warm

    line = line_of(given.name)
    start_warm(line.location.partition(":")[0])  # it warms up while all else is imported and checked
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

    upload = 0 if given.no_upload else given.upload_limit
    serve(entrance=_entrance(given), reports=given.reports, upload=upload, sessions=given.sessions,
          analyses=_served(given.folder))  # fmt: skip
    return DONE


def _entrance(given: argparse.Namespace) -> "Entrance":
    from cxlab.publish.entrance import Entrance, base_of, hub_entrance, take_token

    token = take_token(given.token)
    if given.jupyterhub and token:
        raise ParameterError("Visitors log in at JupyterHub or give a token, not both: leave one out.")
    if given.jupyterhub:
        return hub_entrance()
    return Entrance(port=given.port, ip=given.ip, base=base_of(given.base_url), token=token)


def _served(place: Path | None) -> tuple[Analysis, ...] | None:
    """The studies of a folder; where none was named and none are here, every analysis on its sample."""
    if place is None:
        return studies_in(Path()) or None
    if not (found := studies_in(place)):
        raise ParameterError(f"'{place}' holds no study; make one: cxlab new NAME --from ANALYSIS.")
    return found


def _lab(given: argparse.Namespace) -> int:
    from cxlab.publish.lab import lab_command

    command, environment = lab_command(
        given.folder, port=given.port, browser=not given.no_browser, hub=given.jupyterhub
    )
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
