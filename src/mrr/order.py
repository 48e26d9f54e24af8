"""Which facts of one object and instant came first: the chain of changes, then created < updated < deleted."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

RANK = {"created": 0, "updated": 1, "deleted": 2}


class Node(NamedTuple):
    """A fact of a contested instant: `content` is the state it shows, `prior` the state before it, if it told.

    `decided` is the seq of the edit that says that it stands, 0 where none does.
    """

    fact_id: int
    seq: int
    digest: str
    content: str
    prior: str | None
    change: str | None
    decided: int = 0


class Place(NamedTuple):
    """Where a fact stands among those of its instant; what is set aside without a conflict says nothing new.

    `decided_by` is the edit that settled a conflict, 0 where none did.
    """

    fact_id: int
    seq: int
    ordinal: int
    stands: bool
    conflict: bool
    decided_by: int = 0


Instant = list[Place]
Chain = list[Node]


def in_order(nodes: Sequence[Node], before: frozenset[str]) -> Instant:
    """Every fact with its place. `before` holds the states that the instant before may have left (RULINGS A1)."""
    news, echoes = _without_echoes(nodes, before)
    decisions = {node.content: node.decided for node in sorted(nodes, key=lambda node: node.decided)}

    def decided(chain: Chain) -> int:
        return max(decisions[node.content] for node in chain)

    chains = sorted(
        _chains(news, before), key=lambda chain: (_rank(chain), -decided(chain), min(node.digest for node in chain))
    )
    places: Instant = [Place(node.fact_id, node.seq, 0, False, False) for node in echoes]
    winners: dict[int, int] = {}
    for chain in chains:
        stands = _rank(chain) not in winners
        decided_by = winners.setdefault(_rank(chain), decided(chain))
        for node in chain:
            places.append(Place(node.fact_id, node.seq, len(places), stands, not stands, decided_by))
    return places


def _rank(chain: Chain) -> int:
    return min(RANK.get(node.change or "updated", 1) for node in chain)


def _without_echoes(nodes: Sequence[Node], before: frozenset[str]) -> tuple[list[Node], list[Node]]:
    """Facts that repeat another's state and history, or whose change is none, are echoes: they order nothing."""
    seen: set[tuple[str, str | None]] = set()
    news: list[Node] = []
    echoes: list[Node] = []
    for node in sorted(nodes, key=lambda node: (-node.decided, node.digest, node.fact_id)):
        same_as_other = any(other.content == node.content and other is not node for other in nodes)
        idle = node.prior == node.content and (same_as_other or node.content in before)
        if (node.content, node.prior) in seen or idle or (node.prior is None and _told(node, nodes)):
            echoes.append(node)
        else:
            news.append(node)
        seen.add((node.content, node.prior))
    if not news:
        news, echoes = echoes[:1], echoes[1:]
    return news, echoes


def _told(node: Node, nodes: Sequence[Node]) -> bool:
    """Whether another fact shows the same state and also tells what came before it, under the same kind of change."""
    return any(
        other.content == node.content and other.prior not in (None, other.content) and other.change == node.change
        for other in nodes
        if other is not node
    )


def _chains(nodes: Sequence[Node], before: frozenset[str]) -> Iterator[Chain]:
    """The facts linked by what they tell of the state before; first the chain that goes on from what was known."""
    left = list(nodes)
    while left:
        contents = {node.content for node in left}
        starts = [node for node in left if node.prior in before]
        starts += [node for node in left if node.prior is None or node.prior not in contents]
        chain = max((_longest([start], left) for start in starts or left), key=len)
        left = [node for node in left if node not in chain]
        yield chain


def _longest(chain: Chain, nodes: Sequence[Node]) -> Chain:
    """The longest way on from the end of a chain; the first found among equals, in the order given."""
    ways = [node for node in nodes if node not in chain and node.prior == chain[-1].content]
    if len(nodes) > 12:
        return _longest([*chain, ways[0]], nodes) if ways else chain
    return max((_longest([*chain, node], nodes) for node in ways), key=len, default=chain)
