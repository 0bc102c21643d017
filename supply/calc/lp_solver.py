"""HiGHS with fixed options: load a programme, start from a kept basis, stop when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from highspy import HighsBasisStatus
from numpy.typing import NDArray

from supply.calc.lp_model import LpArrays
from supply.calc.problem import Floats

INTERIOR_COLUMNS = 10_000
"""From so many columns on, a programme without a basis is solved by interior point with crossover, else by simplex."""

DEVEX = 1
"""Weights of the dual simplex that start from nothing. The exact ones of the steepest edge are worth their price in a
cold solution; from a kept basis they cost one solution per row before the first step, ten times the step itself."""

STATUSES = [
    HighsBasisStatus.kLower,
    HighsBasisStatus.kBasic,
    HighsBasisStatus.kUpper,
    HighsBasisStatus.kZero,
    HighsBasisStatus.kNonbasic,
]
BASIC = STATUSES.index(HighsBasisStatus.kBasic)


class SolvingStopped(RuntimeError):
    """Somebody asked the solver to stop; there is no plan."""


@dataclass(frozen=True)
class KeptBasis:
    """The optimal basis of a programme, for starting the next one: status codes of columns and rows (int8)."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]

    def fits(self, arrays: LpArrays) -> bool:
        """Whether it has the programme's size; HiGHS repairs what is singular, so a wrong basis only costs time."""
        return len(self.columns) == len(arrays.cost) and len(self.rows) == len(arrays.row_lower)


def never() -> bool:
    """Nobody asks to stop."""
    return False


def load_solver(arrays: LpArrays) -> highspy.Highs:
    """A silent single-threaded solver holding the programme."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    solver.setOptionValue("solver", "simplex")
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(
        len(arrays.cost),
        len(arrays.row_lower),
        len(arrays.value),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        arrays.cost,
        arrays.lower,
        arrays.upper,
        arrays.row_lower,
        arrays.row_upper,
        arrays.starts,
        arrays.index,
        arrays.value,
        arrays.whole,
    )
    return solver


def run_solver(
    arrays: LpArrays, *, basis: KeptBasis | highspy.HighsBasis | None = None, is_stopped: Callable[[], bool] = never
) -> highspy.Highs:
    """Solve: by dual simplex from the given basis when it fits, else by the better method for the size.

    Raises:
        SolvingStopped: ``is_stopped`` became true on the way; it is asked all the time and must be quick.
    """
    solver = load_solver(arrays)
    if _starts_from(solver, arrays, basis):
        solver.setOptionValue("simplex_dual_edge_weight_strategy", DEVEX)
    elif len(arrays.cost) > INTERIOR_COLUMNS and not arrays.whole.any():
        solver.setOptionValue("solver", "ipm")
    if is_stopped is not never:
        listen(solver, is_stopped)
    solver.run()
    solver.setOptionValue("solver", "simplex")
    solver.setOptionValue("simplex_dual_edge_weight_strategy", DEVEX)
    if solver.getModelStatus() == highspy.HighsModelStatus.kInterrupt:
        raise SolvingStopped("The solver was stopped.")
    return solver


def _starts_from(solver: highspy.Highs, arrays: LpArrays, basis: KeptBasis | highspy.HighsBasis | None) -> bool:
    """Whether the solver took the basis; one of another size is refused."""
    if isinstance(basis, KeptBasis):
        if not basis.fits(arrays):
            return False
        basis = _as_given(basis)
    return basis is not None and solver.setBasis(basis) == highspy.HighsStatus.kOk


def listen(solver: highspy.Highs, is_stopped: Callable[[], bool]) -> None:
    """Let the solver ask on its way whether it is stopped; it ends with the status of an interrupt."""

    def ask(event: highspy.highs.HighsCallbackEvent) -> None:
        if is_stopped():
            event.interrupt()

    solver.cbSimplexInterrupt += ask
    solver.cbIpmInterrupt += ask
    solver.cbMipInterrupt += ask


def keep_basis(arrays: LpArrays, solver: highspy.Highs) -> KeptBasis:
    """The solver's present basis: what is not basic sits at the bound at which it stands."""
    solution = solver.getSolution()
    basic = np.array(solver.getBasicVariables()[1], np.int64)  # type: ignore[attr-defined]
    columns = _codes(np.array(solution.col_value), arrays.lower, arrays.upper)
    rows = _codes(np.array(solution.row_value), arrays.row_lower, arrays.row_upper)
    columns[basic[basic >= 0]] = rows[-1 - basic[basic < 0]] = BASIC
    return KeptBasis(columns, rows)


def _codes(value: Floats, lower: Floats, upper: Floats) -> NDArray[np.int8]:
    above, below = np.abs(upper - value), np.abs(value - lower)
    codes = np.where(above < below, STATUSES.index(HighsBasisStatus.kUpper), 0)
    return np.where(np.isinf(above) & np.isinf(below), STATUSES.index(HighsBasisStatus.kZero), codes).astype(np.int8)


def _as_given(basis: KeptBasis) -> highspy.HighsBasis:
    given = highspy.HighsBasis()
    given.col_status = [STATUSES[code] for code in basis.columns.tolist()]
    given.row_status = [STATUSES[code] for code in basis.rows.tolist()]
    given.valid = True
    return given
