"""The PDF does not depend on the name of the folder that holds the repository."""

import re
import subprocess
import sys
import zlib

import pytest
from tiny_runs import step_environment

pytestmark = pytest.mark.slow

# A process of its own, because fontconfig reads its configuration once.
SCRIPT = """
import sys
from pathlib import Path
from rework.drawing import fonts
from rework.report import pdf
pdf.CONVERTED = fonts.CONVERTED = Path(sys.argv[1])
page = '<html lang="en"><title>t</title><p style="font-family:Inter;font-weight:600">Read <b>me</b></p></html>'
pdf.write_pdf(page, Path(sys.argv[2]), "a,b")
"""


def made_in(folder, target):
    """Return the PDF of a small page made with fonts in a folder, and what was said."""
    command = [sys.executable, "-c", SCRIPT, folder, target]
    done = subprocess.run(command, env=step_environment(), capture_output=True, text=True, timeout=120, check=True)
    return target.read_bytes(), done.stderr


def test_signs_of_xml_and_of_the_shell_in_a_path_change_no_byte(tmp_path):
    plain, silence = made_in(tmp_path / "plain", tmp_path / "plain.pdf")
    streams = re.findall(rb"stream\n(.*?)\nendstream", plain, re.DOTALL)
    assert any(b"Inter" in zlib.decompress(stream) for stream in streams), "the page is set in the font of the folder"
    for name in ("R&D", 'it\'s <b> & "that" $HOME;#%20', "two  blanks", "grüße"):
        content, said = made_in(tmp_path / name, tmp_path / "odd.pdf")
        assert content == plain, name
        assert said == silence
