"""Aggregate markets that can be served alike into one demand, and give shipments back to them fairly."""

from dataclasses import dataclass

import numpy as np

from catalog.calc.rounding import largest_remainder, largest_remainder_by_group, sum_by_group
from supply.calc.allocation import allocate
from supply.calc.problem import DemandGroups, Floats, Ints


@dataclass(frozen=True)
class Lane:
    """One way to serve a leaf: the node (item at a site), a firm share or None, a rank (0 first) and freight per
    unit in reporting currency."""

    node: int
    share: float | None
    rank: int
    freight: float


@dataclass(frozen=True)
class GroupedDemand:
    """Groups for the programme and how leaves (item × market) fell into them.

    A piece is the part of a leaf that goes to one group: the whole leaf, or one firm share of it. ``piece_quantity``
    is milli-units (piece, month) and adds up over the pieces of a leaf to its demand, over those of a group to the
    group's. ``freight`` is (lane,) in reporting currency per unit. ``piece_rank`` (piece, month) says who is served first
    where a group is short, lower first; None: all alike.
    """

    groups: DemandGroups
    freight: Floats
    piece_leaf: Ints
    piece_group: Ints
    piece_quantity: Ints
    piece_rank: Floats | None = None


def demand_groups(
    demand: Ints, leaf_item: Ints, lanes: list[tuple[Lane, ...]], item_names: dict[int, str]
) -> GroupedDemand:
    """Group leaves of one item with the same lanes; leaves with firm shares are cut into one piece per share.

    Args:
        demand: Milli-units (leaf, month), never negative.
        leaf_item: Item of each leaf (leaf,).
        lanes: Lanes of each leaf, at least one; either all with a share or none.
        item_names: Name of each item for messages.

    Returns:
        Groups whose quantities add up to the demand exactly.
    """
    pieces: list[tuple[int, tuple[Lane, ...]]] = []
    quantities: list[Ints] = []
    for leaf, ways in enumerate(lanes):
        if len(ways) > 1 and ways[0].share is not None:
            shares = np.array([way.share for way in ways], dtype=np.float64)
            parts = largest_remainder(np.broadcast_to(shares, (demand.shape[1], len(ways))), demand[leaf])
            pieces += [(leaf, (way,)) for way in ways]
            quantities += list(parts.T)
        else:
            pieces.append((leaf, ways))
            quantities.append(demand[leaf])
    return _collect(pieces, np.array(quantities, dtype=np.int64).reshape(-1, demand.shape[1]), leaf_item, item_names)


def _collect(
    pieces: list[tuple[int, tuple[Lane, ...]]], quantity: Ints, leaf_item: Ints, item_names: dict[int, str]
) -> GroupedDemand:
    """Number the groups in order of first appearance and lay their lanes out."""
    numbers: dict[tuple[int, tuple[tuple[int, int, float], ...]], int] = {}
    members = []
    for leaf, ways in pieces:
        key = (int(leaf_item[leaf]), tuple((way.node, way.rank, way.freight) for way in ways))
        members.append(numbers.setdefault(key, len(numbers)))
    flat = [(group, way) for (_, ways), group in numbers.items() for way in ways]
    group_of = np.array(members, dtype=np.int64)
    return GroupedDemand(
        groups=DemandGroups(
            labels=tuple(item_names[item] for item, _ in numbers),
            quantity=sum_by_group(quantity, group_of, len(numbers)).astype(np.int64),
            lane_group=np.array([group for group, _ in flat], dtype=np.int64),
            lane_node=np.array([way[0] for _, way in flat], dtype=np.int64),
            lane_rank=np.array([way[1] for _, way in flat], dtype=np.int64),
        ),
        freight=np.array([way[2] for _, way in flat], dtype=np.float64),
        piece_leaf=np.array([leaf for leaf, _ in pieces], dtype=np.int64),
        piece_group=group_of,
        piece_quantity=quantity,
    )


def ship_to_leaves(grouped: GroupedDemand, shipped: Ints, leaves: int) -> Ints:
    """Shipments of each leaf: every market of a group gets the same share of what it asked for, or by ``piece_rank``.

    Largest remainder per group and month; a leaf never gets more than it asked for, because a group never does.

    Args:
        grouped: The groups the plan was computed for.
        shipped: Milli-units (group, month), 0 … group demand.
        leaves: Number of leaves.

    Returns:
        Milli-units (leaf, month); sums over a group equal ``shipped`` exactly.
    """
    parts = largest_remainder_by_group(grouped.piece_quantity, grouped.piece_group, shipped)
    if grouped.piece_rank is not None:
        for group, month in np.argwhere(shipped < grouped.groups.quantity).tolist():
            members = np.flatnonzero(grouped.piece_group == group)
            asked, rank = grouped.piece_quantity[members, month], grouped.piece_rank[members, month]
            parts[members, month] = allocate(asked, int(shipped[group, month]), rank)
    return sum_by_group(parts, grouped.piece_leaf, leaves).astype(np.int64)
