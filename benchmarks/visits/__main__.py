"""`python -m benchmarks.visits [--only cxlab voila]`: every tool's server visited in turn."""

import argparse
import json

from benchmarks.visits import visits
from benchmarks.visits.tools import TOOLS


def main() -> None:
    """Visit each tool's server and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[tool.name for tool in TOOLS])
    visits(parser.parse_args().only, lambda name, found: print(name, json.dumps(found), flush=True))


if __name__ == "__main__":
    main()
