"""Which items are needed at which sites: the nodes of the supply problem."""

from collections import deque
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

Node = tuple[int, int]


@dataclass(frozen=True)
class MakeRules:
    """What can be made where: ``made`` items; ``sites_of`` the sites of each item that has operations (an item without
    operations can be made anywhere); ``components`` of each item."""

    made: Set[int]
    sites_of: Mapping[int, Set[int]]
    components: Mapping[int, Set[int]]

    def can_make(self, node: Node) -> bool:
        """Whether the item can be made at the site."""
        item, site = node
        return item in self.made and (item not in self.sites_of or site in self.sites_of[item])


def supply_nodes(starts: Iterable[Node], rules: MakeRules) -> list[Node]:
    """All (item, site) reachable from ``starts`` by making: components are needed at the site of their parent.

    Returns:
        Sorted pairs without repeats; the starts are among them.
    """
    found: set[Node] = set(starts)
    queue = deque(sorted(found))
    while queue:
        item, site = node = queue.popleft()
        if not rules.can_make(node):
            continue
        for component in rules.components.get(item, ()):
            if (component, site) not in found:
                found.add((component, site))
                queue.append((component, site))
    return sorted(found)
