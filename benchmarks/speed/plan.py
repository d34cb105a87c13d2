"""Which races are run: functions, orders, dtypes, sizes, numbers of threads, and who takes part in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nonlin as nl
from benchmarks.speed.cell import Cell
from benchmarks.speed.peers import CONTENDERS, QUICK
from benchmarks.speed.peers.aliases import offered
from benchmarks.speed.peers.torch_eager import FUNCTIONAL
from benchmarks.speed.settings import SETTINGS
from nonlin.errors import unknown_name
from nonlin.kernels.assemble import ROW_DTYPES

IN_CACHE, BEYOND, LARGE = 1 << 14, 1 << 22, 1 << 24
"""Where the bars are taken: a race of 64 KB, of 16 MB, and from 64 MB up (float32)."""
SIZES = {
    "float32": (8, 1 << 10, IN_CACHE, 1 << 18, BEYOND, LARGE, 1 << 26),
    "float64": (IN_CACHE, BEYOND),
    "bfloat16": (IN_CACHE, BEYOND),
}
ROWS, ROW_ELEMENTS = (10, 1_000, 50_000), 1 << 20
ROW_THREADS = {"float32": (1, 2), "float64": (1,)}
FORMULAS = ("numpy", "scipy", "numexpr")
LARGEST_FORMULA = BEYOND
"""Formulas written out take seconds for a call beyond it, and the same time per element."""
BESIDE_TORCH = ("nonlin", "identity", "torch", "torch from x")


@dataclass(frozen=True)
class Choice:
    """What to race; what is empty stands for everything in the tables above."""

    functions: tuple[str, ...] = ()
    orders: tuple[int, ...] = (0, 1)
    dtypes: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    threads: tuple[int, ...] = ()


def cells(choice: Choice) -> list[Cell]:
    """The races in the order they run: those on one number of threads after each other, large memory made once.

    Raises UnknownNameError for a name no function or dtype has.
    """
    for dtype in choice.dtypes:
        if dtype not in SIZES:
            raise unknown_name("dtype", dtype, SIZES)
    names = [nl.get(name).name for name in choice.functions]
    found = [*_elementwise(names, choice), *_rows(names, choice)]
    order = {number: place for place, number in enumerate(threads_of(found))}
    return sorted(dict.fromkeys(found), key=lambda cell: order[cell.threads])


def threads_of(found: Sequence[Cell]) -> list[int]:
    """The numbers of threads the races need, in order."""
    return sorted({cell.threads for cell in found})


def contenders(cell: Cell, *, quick: bool = False) -> list[str]:
    """Who takes part. Functions beyond those of the bars race PyTorch alone."""
    if quick:
        return list(QUICK)
    if not cell.row and cell.function not in SETTINGS.articles:
        return list(BESIDE_TORCH)
    return [name for name in CONTENDERS if name not in FORMULAS or cell.elements <= LARGEST_FORMULA]


def default_threads(elements: int) -> int:
    """One in cache, where no library uses more; two beyond."""
    return 1 if elements < BEYOND else 2


def _elementwise(names: Sequence[str], choice: Choice) -> Iterator[Cell]:
    known = nl.names(kind="elementwise")
    raced = [name for name in names or SETTINGS.articles if name in known]
    for dtype in choice.dtypes or SIZES:
        for size in choice.sizes or SIZES[dtype]:
            for threads in choice.threads or (default_threads(size),):
                yield from (Cell(name, order, dtype, size, threads) for name in raced for order in choice.orders)
    if choice == Choice():
        others = [name for name in known if name not in SETTINGS.articles and offered(FUNCTIONAL, name)]
        yield from (Cell(name, order, "float32", IN_CACHE, 1) for name in others for order in choice.orders)


def _rows(names: Sequence[str], choice: Choice) -> Iterator[Cell]:
    """Row functions: those named, by default all that PyTorch has, over f alone, in the dtypes they have."""
    known = nl.names(kind="row")
    if choice.sizes and not names:
        return
    raced = [name for name in names if name in known] if names else [n for n in known if offered(FUNCTIONAL, n)]
    for dtype in (dtype for dtype in choice.dtypes or ROW_THREADS if dtype in ROW_DTYPES):
        for threads in choice.threads or ROW_THREADS[dtype]:
            for row in ROWS:
                elements = ROW_ELEMENTS // row * row
                yield from (Cell(name, 0, dtype, elements, threads, row) for name in raced)
