"""Whether a caption is right about what its picture shows, told by its nouns.

The same table of words makes the captions of the embedded sample, so that checker and grammar can't disagree.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Nouns:
    """The words for things of one kind.

    Attributes:
        one: words for one thing.
        many: words for several.
        area: words that say of an area that such things are in it.
    """

    one: tuple[str, ...]
    many: tuple[str, ...]
    area: tuple[str, ...] = ()


NOUNS: Mapping[str, Nouns] = {
    "houses": Nouns(("house",), ("houses",), ("residential",)),
    "roads": Nouns(("road",), ("roads",)),
    "rivers": Nouns(("river",), ("rivers",)),
    "bridges": Nouns(("bridge",), ("bridges",)),
    "fields": Nouns(("field",), ("fields",), ("farmland",)),
    "ships": Nouns(("ship", "boat"), ("ships", "boats"), ("harbour",)),
    "tanks": Nouns(("tank",), ("tanks",), ("industrial",)),
}
KINDS: tuple[str, ...] = tuple(NOUNS)
_KIND_OF = {word: kind for kind, nouns in NOUNS.items() for word in (*nouns.one, *nouns.many, *nouns.area)}


def mentioned(words: Sequence[str]) -> frozenset[str]:
    """Return the kinds of things that a caption speaks of; its words are in lower case.

    >>> sorted(mentioned("a road goes through a residential area".split()))
    ['houses', 'roads']
    """
    return frozenset(_KIND_OF[word] for word in words if word in _KIND_OF)


def is_right(words: Sequence[str], present: Collection[str]) -> bool:
    """Return whether a caption speaks of at least one kind of things, and of none that its picture doesn't show.

    It need not speak of everything, and neither numbers nor colours count.

    >>> is_right("two boats are on the sea".split(), present=["ships"])
    True
    >>> is_right("two boats are under a bridge".split(), present=["ships"])
    False
    >>> is_right("this is a picture".split(), present=["ships"])
    False
    """
    kinds = mentioned(words)
    return bool(kinds) and kinds <= frozenset(present)
