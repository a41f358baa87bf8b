"""Files of absurd size in the place of small results: findings, found without reading or hashing the whole of them."""

import os
import resource
import time
from pathlib import Path

import pytest
from rework.auditing.audit import MOST_BYTES
from rework.auditing.edition import audit_edition
from rework.catalogue.plan import Plan
from rework.earlier import same_description
from rework.errors import DataError
from rework.files import LARGEST_RECORD, read_bounded, read_json, sha256_text
from rework.page_seals import Seal, read_seal, sealed
from rework.publishing import publish
from rework.recorded import verified_sha256
from rework.settings.data import AssetSettings
from rework.verification import expected_sha256, record_path
from small_results import finished

ABSURD = 60 * 2**30
SAID = "holds 64,424,509,440 bytes, more than the "


def swell(path):
    """Make a file sparse and huge."""
    os.truncate(path, ABSURD)


@pytest.fixture
def plan(tmp_path):
    return finished(tmp_path)


@pytest.fixture(autouse=True)
def bounded():
    """Refuse memory that a whole record would take, and end a test that takes as long as hashing one."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    began = time.monotonic()
    resource.setrlimit(resource.RLIMIT_AS, (2**34, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "name",
    [
        "data/tiny/dataset.json",
        "models/first/net.json",
        "runs/first/cnn/seed0/provenance.json",
        "runs/first/cnn/seed0/metrics.json",
        "runs/first/cnn/seed0/history.csv",
        "artefacts/first/table.json",
        "artefacts/first/table.csv",
        "artefacts/first/curves.svg",
        "report/manifest.json",
    ],
)
def test_a_result_of_absurd_size_is_one_finding_with_the_limit(plan, name):
    swell(plan.results / name)
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert list(audit.findings) == [plan.results / name]
    limit = f"{MOST_BYTES[Path(name).suffix]:,} that are read of a file of this kind; "
    assert audit.findings[plan.results / name].startswith(SAID + limit)
    assert plan.results / name in audit.remake


def test_a_published_record_of_absurd_size_is_one_finding(plan):
    reference = Plan(plan.catalogue, "full", plan.results.parent / "reference")
    publish(plan, "first", reference.results)
    for name in ("published/first.json", "data/tiny/dataset.json", "runs/first/cnn/seed0/history.csv"):
        size = (reference.results / name).stat().st_size
        swell(reference.results / name)
        found = audit_edition(reference, None, published=True).findings
        assert list(found) == [reference.results / name]
        assert found[reference.results / name].startswith(SAID)
        os.truncate(reference.results / name, size)


def test_every_reader_of_records_is_bounded(tmp_path):
    path = tmp_path / "record.json"
    path.touch()
    swell(path)
    for read in (read_json, verified_sha256):
        with pytest.raises(DataError, match=r"record\.json: holds 64,424,509,440 bytes, more than the 67,108,864"):
            read(path)
    assert not same_description(path, path)


def test_what_a_folder_of_the_kernel_holds_is_bounded_too():
    """It has no size before it is read."""
    assert read_bounded(Path("/proc/self/status"), LARGEST_RECORD)
    with pytest.raises(DataError, match="more than the 10 that are read"):
        read_bounded(Path("/proc/self/status"), 10)


def test_a_record_that_is_as_large_as_may_be_is_read(tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(b" " * (LARGEST_RECORD - 2) + b"{}")
    assert read_json(path) == {}
    path.write_bytes(b" " * (LARGEST_RECORD - 1) + b"{}")
    with pytest.raises(DataError, match="67,108,865 bytes"):
        read_json(path)


def test_the_seal_of_a_large_page_is_read_in_pieces(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(sealed(b"line\n" * 10**6, ".html", "0" * 64))
    assert read_seal(path) == Seal("0" * 64, whole=True)
    with path.open("r+b") as file:
        file.write(b"L")
    assert read_seal(path) == Seal("0" * 64, whole=False)
    swell(path)
    assert read_seal(path) is None


def test_a_recorded_checksum_is_its_first_word_however_long_the_file(tmp_path):
    asset = AssetSettings("raw", "raw.gz", (), None, None, "", "")
    record = record_path(tmp_path / "raw.gz")
    record.write_text(f"{sha256_text('')}  raw.gz\n")
    swell(record)
    assert expected_sha256(asset, tmp_path / "raw.gz") == sha256_text("")
