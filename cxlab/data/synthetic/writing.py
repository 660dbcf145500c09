"""Any number of customers written to Parquet, group by group, without holding the company in memory."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from cxlab.data.synthetic.chunks import SIZE, chunks
from cxlab.data.synthetic.company import LARGEST, checked_size
from cxlab.data.synthetic.dictionary import data_dictionary
from cxlab.data.synthetic.tables import TABLES, frame
from cxlab.data.synthetic.truth import company_truth
from cxlab.errors import SourceError

__all__ = ["write_company", "write_parts"]

_ALONE = 8  # up to so many groups one process is quicker than two


def write_company(folder: str | Path, *, customers: int = 5000, seed: int = 1, jobs: int = 2) -> dict[str, Path]:
    """Where are the tables of a company with known truth?

    Args:
        folder: where the files go; it is made if it is not there.
        customers: how many customers the company has, 300 to 10,000,000.
        seed: the same seed gives the same tables, and the same ones as `sample_company`.
        jobs: how many processes work at once.

    Returns:
        Table name -> its Parquet file. Beside them lie truth.json (the effects that were put in) and
        DICTIONARY.md (what every column means).

    Raises:
        ParameterError: a number of customers that cannot be made.
        SourceError: the files could not be written.

    Examples:
        >>> import tempfile
        >>> files = write_company(tempfile.mkdtemp(), customers=300)
        >>> files["surveys"].name
        'surveys.parquet'
    """
    checked_size(customers, LARGEST)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".parts-") as parts:
        _make_parts(Path(parts), customers, seed, jobs)
        files = {name: _joined(Path(parts), target, name) for name in TABLES}
    (target / "truth.json").write_text(json.dumps(company_truth(), indent=1, ensure_ascii=False), encoding="utf-8")
    (target / "DICTIONARY.md").write_text(data_dictionary(), encoding="utf-8")
    return files


def _make_parts(parts: Path, customers: int, seed: int, jobs: int) -> None:
    groups = -(-customers // SIZE)
    if groups <= _ALONE or jobs <= 1:
        write_parts(parts, customers, seed, 0, 1)
        return
    order = "import sys; from cxlab.data.synthetic.writing import write_parts; "
    order += "write_parts(sys.argv[1], *map(int, sys.argv[2:]))"
    numbers = [[str(customers), str(seed), str(job), str(jobs)] for job in range(jobs)]
    running = [_started([sys.executable, "-c", order, str(parts), *each]) for each in numbers]
    told = [process.communicate()[1] for process in running]
    for process, text in zip(running, told, strict=True):
        if process.returncode:
            reason = (text.strip().splitlines() or ["a process was stopped"])[-1]
            raise SourceError(f"The company could not be written to {parts.parent}: {reason}")


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603


def write_parts(parts: str | Path, customers: int, seed: int, first: int, step: int) -> None:
    """Write every `step`-th group of customers, from `first` on, one file per table."""
    engine = duckdb.connect(config={"threads": 1})
    engine.execute("SET enable_progress_bar = false")
    for chunk in chunks(customers, seed):
        if chunk.number % step == first:
            for name in TABLES:
                engine.register("made", frame(name, chunk))
                engine.execute(f"COPY (FROM made) TO '{_part(Path(parts), name, chunk.number)}' (FORMAT parquet)")
                engine.unregister("made")


def _part(parts: Path, name: str, number: int) -> str:
    return str(parts / f"{name}-{number:05d}.parquet").replace("'", "''")


def _joined(parts: Path, target: Path, name: str) -> Path:
    """One file out of the groups' files, in their order."""
    found = sorted(parts.glob(f"{name}-*.parquet"))
    file = target / f"{name}.parquet"
    if len(found) == 1:
        return found[0].replace(file)
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in found)
    quoted = str(file).replace("'", "''")
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as engine:
        engine.execute("SET enable_progress_bar = false")
        engine.execute(f"COPY (FROM read_parquet([{listed}])) TO '{quoted}' (FORMAT parquet)")
    for path in found:
        path.unlink()
    return file
