"""Bill-of-materials explosion: what every level needs when the top level is to be delivered."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class CircularBillOfMaterialsError(ValueError):
    """A bill of materials in which an item contains itself; the message names the items of the circle."""


@dataclass(frozen=True)
class BomLines:
    """Component lines of all bills of materials.

    Attributes:
        parent: Node that is made (line,), int.
        component: Node that is consumed (line,), int.
        quantity: Units of the component in one unit of the parent (line,), float.
        valid: Whether the line counts in the month (line, month), bool.
    """

    parent: NDArray[np.int64]
    component: NDArray[np.int64]
    quantity: NDArray[np.float64]
    valid: NDArray[np.bool_]


def validity(
    valid_from: NDArray[np.int64], valid_to: NDArray[np.int64], first_month: int, months: int
) -> NDArray[np.bool_]:
    """Whether a line counts in a month: valid on the month's last day.

    Args:
        valid_from: First month index whose last day the line covers (line,).
        valid_to: Last month index whose last day the line covers (line,); a large number when open-ended.
        first_month: Month index of column 0.
        months: Number of months.

    Returns:
        (line, month) bool.
    """
    axis = first_month + np.arange(months)[None, :]
    return (valid_from[:, None] <= axis) & (axis <= valid_to[:, None])


def low_level_codes(
    parent: NDArray[np.int64], component: NDArray[np.int64], names: list[str] | tuple[str, ...]
) -> NDArray[np.int64]:
    """Low-level code of each node: the length of the longest path from any top level down to it.

    Every parent has a smaller code than each of its components, so that going up the codes meets a node only after
    everything that needs it.

    Args:
        parent: (line,) node numbers. component: (line,) node numbers.
        names: Name of every node, for the message; its length is the number of nodes.

    Returns:
        (node,) int64, 0 for nodes that nothing contains.

    Raises:
        CircularBillOfMaterialsError: A node contains itself, directly or through others; names are in the message.
    """
    codes = np.zeros(len(names), dtype=np.int64)
    for _ in range(len(names) + 1):
        lowered = codes.copy()
        np.maximum.at(lowered, component, codes[parent] + 1)
        if np.array_equal(lowered, codes):
            return codes
        codes = lowered
    circle = _circle(parent, component)
    raise CircularBillOfMaterialsError(
        "The bill of materials contains a circle: " + " → ".join(names[node] for node in circle)
    )


def _circle(parent: NDArray[np.int64], component: NDArray[np.int64]) -> list[int]:
    """One circle of nodes, found by walking only nodes that still have a parent and a component left."""
    keep = np.ones(len(parent), dtype=bool)
    while True:
        alive = keep & np.isin(parent, component[keep]) & np.isin(component, parent[keep])
        if np.array_equal(alive, keep):
            break
        keep = alive
    below = dict(zip(parent[keep].tolist(), component[keep].tolist(), strict=True))
    path = [int(parent[keep][0])]
    while path[-1] not in path[:-1]:
        path.append(below[path[-1]])
    return path[path.index(path[-1]) :]


def explode(independent: NDArray[np.float64], bom: BomLines, names: list[str] | tuple[str, ...]) -> NDArray[np.float64]:
    """Gross requirement, lot for lot: independent demand plus what all parents consume, level by level.

    gross[c, t] = independent[c, t] + Σ_lines quantity · gross[parent, t] · valid[line, t]. Stock is not netted.

    Args:
        independent: Units delivered outside (node, month).
        bom: Component lines over the same nodes.
        names: Node names for the message of a circle.

    Returns:
        (node, month) float64 in the units of ``independent``; equal to it when there is no line.

    Raises:
        CircularBillOfMaterialsError: See ``low_level_codes``.
    """
    gross = independent.astype(np.float64)
    codes = low_level_codes(bom.parent, bom.component, names)
    line_level = codes[bom.parent]
    for level in np.unique(line_level):
        lines = np.flatnonzero(line_level == level)
        needed = gross[bom.parent[lines]] * bom.quantity[lines, None] * bom.valid[lines]
        np.add.at(gross, bom.component[lines], needed)
    return gross


def nodes_needed(has_demand: NDArray[np.bool_], bom: BomLines) -> NDArray[np.bool_]:
    """Nodes with demand of their own or with dependent demand through any valid line (node,) bool."""
    needed = has_demand.copy()
    ever = bom.valid.any(axis=1)
    parent, component = bom.parent[ever], bom.component[ever]
    while True:
        wider = needed.copy()
        wider[component[needed[parent]]] = True
        if np.array_equal(wider, needed):
            return needed
        needed = wider
