"""A result is read only if it is the one that was recorded when it was made."""

import pytest
from rework.errors import DataError
from rework.files import sha256_file, sha256_text, write_json, write_text
from rework.recorded import verified_sha256

HASH = sha256_text("made")


@pytest.mark.parametrize(
    ("name", "record", "content"),
    [
        ("weights.safetensors", "provenance.json", {"outputs": {"weights.safetensors": HASH}}),
        ("predictions.npz", "metrics.json", {"provenance": {"outputs": {"predictions.npz": HASH}}}),
        ("crops.npy", "dataset.json", {"provenance": {"outputs": {"crops.npy": HASH}}}),
        ("seed0.npz", "seed0.json", {"provenance": {"outputs": {"seed0.npz": HASH}}}),
        ("table.csv", "table.json", {"provenance": {"outputs": {"table.csv": HASH}}}),
    ],
)
def test_every_kind_of_result_is_compared_with_its_record(tmp_path, name, record, content):
    write_text(tmp_path / name, "made")
    write_json(tmp_path / record, content)
    assert verified_sha256(tmp_path / name) == HASH
    write_text(tmp_path / name, "madf")
    with pytest.raises(DataError, match=f"not the one in {record}, so it was changed .* --force .*{name}' makes it"):
        verified_sha256(tmp_path / name)


@pytest.mark.parametrize("content", [{}, [], {"outputs": None}, {"provenance": {"outputs": {"other.csv": HASH}}}])
def test_a_result_without_a_record_is_refused(tmp_path, content):
    write_text(tmp_path / "table.csv", "made")
    write_json(tmp_path / "table.json", content)
    with pytest.raises(DataError, match="no record beside it holds its SHA-256"):
        verified_sha256(tmp_path / "table.csv")


def test_a_record_is_only_hashed_and_a_missing_file_named(tmp_path):
    write_json(tmp_path / "metrics.json", {})
    assert verified_sha256(tmp_path / "metrics.json") == sha256_file(tmp_path / "metrics.json")
    with pytest.raises(DataError, match="no such file; 'snakemake"):
        verified_sha256(tmp_path / "weights.safetensors")
