"""The typefaces of generated handwriting."""

import hashlib

from rework.samples import characters, ocr_letters, photographs
from rework.samples.typefaces import DIGEST, FOLDER, typeface

FILES = sorted(FOLDER.glob("*.ttf"))


def test_the_files_are_those_that_the_code_fingerprint_stands_for():
    assert hashlib.sha256(b"".join(path.read_bytes() for path in FILES)).hexdigest() == DIGEST


def test_every_file_is_used_and_draws_every_printable_character():
    used = {*characters.TYPEFACES, *ocr_letters.TYPEFACES, *photographs.TYPEFACES}
    assert {path.name for path in FILES} == used
    missing = bytes(typeface(FILES[0].name, 20).getmask("\u4e2d"))
    for path in FILES:
        for character in map(chr, range(0x21, 0x7F)):
            drawn = bytes(typeface(path.name, 20).getmask(character))
            assert any(drawn), (path.name, character)
            assert drawn != missing
