"""A grammar for captions of drawn scenes from above: every caption is true of its scene, as far as it goes.

A name in braces stands for one of its phrases. Those for the things in a scene are made of what the scene says of them
and of the nouns that the check of captions knows; a sentence with a name for what isn't there can't be used.
"""

import re
from collections.abc import Mapping, Sequence

from rework.evaluation.contents import NOUNS
from rework.samples.aerial_scenes import Scene, Things
from rework.samples.painting import Random

CAPTIONS = 5  # of each scene

SENTENCES: Mapping[str, Sequence[str]] = {
    "suburb": (
        "{houses} stand{houses.s} in {rows} along {roads}",
        "{houses} {houses.are} arranged {neatly} beside {roads}",
        "{roads} run{roads.s} through a {houses.area} area with {houses}",
        "a {houses.area} area with {houses} arranged {neatly}",
        "this is a {houses.area} area with {houses} and {roads}",
        "there {houses.are} {houses} on both sides of {roads}",
        "{roads.crossing} cross in a {houses.area} area with {houses}",
        "a {houses.area} area with {houses} and {trees}",
    ),
    "village": (
        "{houses} stand{houses.s} between {fields}",
        "{houses} {houses.are} surrounded by {fields}",
        "there {houses.are} {houses} in the middle of {fields}",
        "{fields} lie{fields.s} around {houses}",
        "this is a piece of {fields.area} with {houses} in the middle",
        "there {houses.are} {houses} and {trees} between {fields}",
    ),
    "riverside": (
        "{houses} stand{houses.s} in {rows} along {rivers}",
        "{rivers} flow{rivers.s} through a {houses.area} area with {houses}",
        "there {houses.are} {houses} on both sides of {rivers}",
        "{rivers} flow{rivers.s} between {houses}",
        "this is a {houses.area} area with {houses} and {rivers}",
        "a {houses.area} area with {houses} is divided by {rivers}",
        "{houses} and {trees} stand on both sides of {rivers}",
    ),
    "farmland": (
        "there {fields.are} {fields} in this area",
        "a piece of {fields.area} with {fields}",
        "this is a piece of {fields.area} divided into {fields}",
        "{fields} lie{fields.s} side by side",
        "{fields} {fields.are} next to each other",
        "{fields} with {trees}",
        "{roads} run{roads.s} through {fields}",
        "{fields} lie{fields.s} on both sides of {roads}",
        "a piece of {fields.area} is divided by {roads}",
        "there {roads.are} {roads} between {fields}",
    ),
    "valley": (
        "{rivers} flow{rivers.s} through {fields}",
        "{fields} lie{fields.s} on both sides of {rivers}",
        "a piece of {fields.area} is divided by {rivers}",
        "there {rivers.are} {rivers} between {fields}",
        "{rivers} flow{rivers.s} through a piece of {fields.area}",
        "there {fields.are} {fields} and {trees} beside {rivers}",
    ),
    "crossing": (
        "{bridges} lead{bridges.s} over {rivers}",
        "{roads} run{roads.s} over {rivers} on {bridges}",
        "{rivers} flow{rivers.s} under {bridges}",
        "{roads} lead{roads.s} to {bridges} over {rivers}",
        "there {bridges.are} {bridges} over {rivers}",
        "{roads} and {rivers} cross at {bridges}",
        "{rivers} with {bridges} and {trees} on both sides",
    ),
    "harbour": (
        "{ships} {ships.are} docked {neatly} in the {ships.area}",
        "a {ships.area} with {ships} in {rows}",
        "there {ships.are} {ships} at the piers on {water} water",
        "{ships} lie{ships.s} {neatly} at the piers",
        "{ships} {ships.are} docked in {rows} and the water is {water}",
        "this is a {ships.area} with {ships} on {water} water",
    ),
    "sea": (
        "{ships} sail{ships.s} on the {water} sea",
        "there {ships.are} {ships} on the {water} sea",
        "{ships} {ships.are} in the middle of the sea",
        "{ships} leave{ships.s} foam on {water} water",
        "this is a part of the {water} sea with {ships}",
        "{ships} {ships.are} on {water} water",
    ),
    "depot": (
        "{tanks} stand{tanks.s} in {rows} beside {roads}",
        "{tanks} {tanks.are} arranged {neatly} on the ground",
        "there {tanks.are} {tanks} and {roads} in this area",
        "this is an {tanks.area} area with {tanks}",
        "{roads} run{roads.s} past {tanks}",
        "an {tanks.area} area with {tanks} beside {roads}",
    ),
    "terminal": (
        "{tanks} stand{tanks.s} on the shore and {ships} {ships.are} docked beside them",
        "there {tanks.are} {tanks} on the shore beside {ships}",
        "{ships} {ships.are} docked near {tanks}",
        "{ships} on {water} water beside an {tanks.area} area with {tanks}",
        "this is an {tanks.area} area with {tanks} and {ships}",
        "{tanks} stand{tanks.s} on the shore of the {water} sea",
    ),
}
"""Sentences for each type of scene; at least ``CAPTIONS`` of them can be used for any scene of the type."""

_ANYWHERE: Mapping[str, Sequence[str]] = {"rows": ("rows", "lines"), "neatly": ("neatly", "in rows", "in lines")}
_EXACT = ("a", "two", "three", "four")
_SOME = 5  # more are many
_NAME = re.compile(r"\{([a-z.]+)\}")


def captions(scene: Scene, random: Random) -> tuple[str, ...]:
    """Return ``CAPTIONS`` different captions of a scene, in lower case and without punctuation."""
    phrases = _phrases(scene)
    usable = [sentence for sentence in SENTENCES[scene.name] if phrases.keys() >= set(_NAME.findall(sentence))]
    chosen = random.permutation(len(usable))[:CAPTIONS]
    return tuple(_filled(usable[place], phrases, random) for place in chosen)


def _filled(sentence: str, phrases: Mapping[str, Sequence[str]], random: Random) -> str:
    """Return a sentence with one of its phrases for every name."""

    def phrase(name: re.Match[str]) -> str:
        choices = phrases[name[1]]
        return choices[int(random.integers(len(choices)))]

    return _NAME.sub(phrase, sentence)


def _phrases(scene: Scene) -> Mapping[str, Sequence[str]]:
    """Return the phrases for each name that can be used for a scene."""
    phrases = dict(_ANYWHERE)
    for things in scene.things:
        phrases |= {f"{things.kind}{name}": choices for name, choices in _phrases_for(things).items()}
    if scene.trees:
        phrases["trees"] = ("some trees",)
    if scene.water:
        phrases["water"] = (scene.water,)
    return phrases


def _phrases_for(things: Things) -> Mapping[str, Sequence[str]]:
    """Return the phrases for things of one kind, by what follows the kind in a name: themselves, and what agrees."""
    nouns, one = NOUNS[things.kind], things.count == 1
    phrases: dict[str, Sequence[str]] = {
        "": [
            f"{some} {look}"
            for some in _amounts(things)
            for noun in (nouns.one if one else nouns.many)
            for look in _looks(things, noun)
        ],
        ".are": ("is",) if one else ("are",),
        ".s": ("s",) if one else ("",),
        ".area": nouns.area,
    }
    if things.count == 2:
        phrases[".crossing"] = phrases[""]
    return {name: choices for name, choices in phrases.items() if choices}


def _looks(things: Things, noun: str) -> Sequence[str]:
    """Return a noun as it is, and with words for how the things look."""
    colour = " and ".join(sorted(things.colours))
    if things.kind == "houses":
        return (noun, f"{noun} with {colour} roofs") if colour else (noun,)
    adjectives = ["storage", "round"] if things.kind == "tanks" else []
    adjectives += [word for word in (colour, things.shape) if word]
    return (noun, *(f"{adjective} {noun}" for adjective in adjectives))


def _amounts(things: Things) -> Sequence[str]:
    """Return words for a number; nobody counts more than four, nor fields, which roads and rivers cut into pieces."""
    if things.count > _SOME:
        return ("many", "lots of")
    if things.kind == "fields" or things.count > len(_EXACT):
        return ("some",)
    return (_EXACT[things.count - 1], *(("some",) if things.count > 2 else ()))
