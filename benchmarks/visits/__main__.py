"""`python -m benchmarks.visits`: every tool's server visited in turn; the table of results is printed and kept."""

import argparse
import json

from benchmarks.results import machine
from benchmarks.visits.job import table_path
from benchmarks.visits.measured import visited
from benchmarks.visits.tools import TOOLS


def main() -> None:
    """Visit each tool's server and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[tool.name for tool in TOOLS])
    given = parser.parse_args()
    table_path()
    found = {"machine": machine()}
    for tool in TOOLS:
        if tool.name in given.only:
            found[tool.name] = visited(tool)
            print(tool.name, found[tool.name], flush=True)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
