"""Do warm kernels start every time? `python -m benchmarks.soak --starts 5000 --rounds 100 --at-once 10`."""

import argparse
import asyncio
import json
import logging
import time
from pathlib import Path

import numpy as np
from jupyter_client.manager import AsyncKernelManager

from cxlab.publish.warm import start_warm, stop_warm, use_warm_kernels
from cxlab.publish.warm.process import ForkedKernel

__all__ = ["main"]

_LIMIT = 60.0  # seconds until a start counts as a hang
_QUESTION = "import cxlab as cx, numpy as np; print(cx.__version__, np.random.rand())"


class _Heard(logging.Handler):
    """Keeps what the kernels' side complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def _start() -> tuple[float, str, bool]:
    """Seconds to the first answer, the answer, and whether the kernel was a warm one."""
    manager = AsyncKernelManager(kernel_name="python3")
    start, said = time.perf_counter(), []
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=_LIMIT)
        await client.execute_interactive(
            _QUESTION, timeout=_LIMIT, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
        warm = isinstance(manager.provisioner.process, ForkedKernel)
        return time.perf_counter() - start, "".join(said).strip(), warm
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def _many(starts: int, at_once: int) -> list[tuple[float, str, bool] | BaseException]:
    done: list[tuple[float, str, bool] | BaseException] = []
    while len(done) < starts:
        wanted = min(at_once, starts - len(done))
        done += await asyncio.gather(*(asyncio.wait_for(_start(), 2 * _LIMIT) for _ in range(wanted)),
                                     return_exceptions=True)  # fmt: skip
        if len(done) % 500 < at_once:
            print(len(done), "starts,", sum(isinstance(one, BaseException) for one in done), "failed", flush=True)
    return done


def _summary(done: list[tuple[float, str, bool] | BaseException]) -> dict[str, object]:
    answered = [one for one in done if not isinstance(one, BaseException)]
    seconds = [one[0] for one in answered]
    return {
        "starts": len(done),
        "failed": [repr(one) for one in done if isinstance(one, BaseException)],
        "cold": sum(not warm for *_, warm in answered),
        "same_random_numbers": len(answered) - len({said for _, said, _ in answered}),
        "seconds": {str(q): round(float(np.quantile(seconds, q)), 3) for q in (0.5, 0.95, 0.99, 1.0)},
    }


def main() -> None:
    """Start kernels one after another and in rounds, and write what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5000, help="starts, one after another")
    parser.add_argument("--rounds", type=int, default=100, help="rounds of several at once")
    parser.add_argument("--at-once", type=int, default=10, help="how many a round starts")
    parser.add_argument("--out", type=Path, default=None, help="file to write to")
    given = parser.parse_args()
    heard = _Heard()
    logging.getLogger("cxlab.warm").addHandler(heard)
    use_warm_kernels()
    start_warm()
    found = {
        "one_by_one": _summary(asyncio.run(_many(given.starts, 1))),
        "at_once": _summary(asyncio.run(_many(given.rounds * given.at_once, given.at_once))),
        "complaints": heard.lines,
    }
    stop_warm()
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
