"""A result is read only if it is the one that was recorded when it was made."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.errors import DataError
from rework.files import canonical_json, read_json, sha256_file, sha256_text, write_json, write_text
from rework.recorded import SEAL, check_sha256, read_record, remedy, runs_read, verified_sha256, write_record

HASH = sha256_text("made")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("written", [write_record, write_json])
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
def test_every_kind_of_result_is_compared_with_its_record(tmp_path, written, name, record, content):
    write_text(tmp_path / name, "made")
    written(tmp_path / record, content)
    assert verified_sha256(tmp_path / name) == HASH
    write_text(tmp_path / name, "madf")
    with pytest.raises(DataError, match=f"not the one in {record}, so it was changed .* --force .*{name}' makes it"):
        verified_sha256(tmp_path / name)


@pytest.mark.parametrize("content", [{}, {"outputs": None}, {"provenance": {"outputs": {"other.csv": HASH}}}])
def test_a_result_without_a_record_is_refused(tmp_path, content):
    write_text(tmp_path / "table.csv", "made")
    write_json(tmp_path / "table.json", content)
    with pytest.raises(DataError, match="no record beside it holds its SHA-256"):
        verified_sha256(tmp_path / "table.csv")


@given(st.dictionaries(st.text(max_size=9), VALUES, max_size=5))
def test_a_record_is_read_as_it_was_written(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "record.json"
    write_record(path, content)
    assert read_record(path) == content
    assert verified_sha256(path) == sha256_file(path)


def test_keys_that_are_numbers_and_tuples_are_read_as_json_has_them(tmp_path):
    write_record(tmp_path / "a.json", {"sizes": {9: (1, 2), 10: ()}})
    assert read_record(tmp_path / "a.json") == {"sizes": {"9": [1, 2], "10": []}}


METRICS = {"metrics": {"test_accuracy": {"value": 0.375, "n": 800}}, "provenance": {"outputs": {"a.npz": HASH}}}


def test_every_changed_character_of_a_record_is_found_or_changes_nothing(tmp_path):
    """Every one in turn, by one bit: a digit, a quotation mark, a part of a key."""
    path = tmp_path / "metrics.json"
    write_record(path, METRICS)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        if whole[place : place + 1].isspace():
            with contextlib.suppress(DataError):
                assert read_record(path) == METRICS
        else:
            with pytest.raises(DataError, match=r"metrics\.json: .*--force"):
                read_record(path)


@pytest.mark.parametrize("with_format", [True, False])
def test_a_record_that_has_lost_the_name_of_its_hash_is_no_older_one(tmp_path, with_format):
    """With any bit of the name flipped; those of today also without the hash."""
    path = tmp_path / "metrics.json"
    write_record(path, METRICS)
    content = read_json(path)
    if not with_format:  # as they were written when they had a hash and no format yet
        content = {**METRICS, SEAL: sha256_text(canonical_json(METRICS))}
        write_json(path, content)
        assert read_record(path) == METRICS
    for place in range(len(SEAL)):
        for bit in range(7):
            name = SEAL[:place] + chr(ord(SEAL[place]) ^ 1 << bit) + SEAL[place + 1 :]
            write_json(path, {(name if key == SEAL else key): value for key, value in content.items()})
            with pytest.raises(DataError, match=r"metrics\.json: it has lost its record_sha256.*--force"):
                read_record(path)
    if with_format:
        del content[SEAL]
        write_json(path, content)
        with pytest.raises(DataError, match="it has lost its record_sha256"):
            read_record(path)


def test_a_record_changed_by_hand_is_refused_by_all_who_read_it(tmp_path):
    path = tmp_path / "metrics.json"
    write_record(path, METRICS)
    content = read_json(path)
    content["metrics"]["test_accuracy"]["value"] = 0.975
    write_json(path, content)
    write_text(tmp_path / "a.npz", "made")
    for read in (lambda: read_record(path), lambda: verified_sha256(path), lambda: verified_sha256(tmp_path / "a.npz")):
        with pytest.raises(DataError, match=r"metrics\.json: its record_sha256 is not that of its content"):
            read()


@pytest.mark.parametrize(("text", "said"), [("[]", "not a JSON object"), ("{", "not a JSON file"), ("", "not a JSON")])
def test_what_is_no_record_is_named_with_the_remedy(tmp_path, text, said):
    write_text(tmp_path / "a.json", text)
    with pytest.raises(DataError, match=f"{said}.*--force"):
        read_record(tmp_path / "a.json")


def test_a_record_from_before_they_had_hashes_is_taken_as_it_is(tmp_path):
    write_json(tmp_path / "metrics.json", METRICS)
    assert read_record(tmp_path / "metrics.json") == METRICS
    assert verified_sha256(tmp_path / "metrics.json") == sha256_file(tmp_path / "metrics.json")


def test_a_missing_file_is_named(tmp_path):
    for name in ("weights.safetensors", "metrics.json"):
        with pytest.raises(DataError, match=f"{name}: no such file; 'snakemake"):
            verified_sha256(tmp_path / name)
    with pytest.raises(DataError, match=r"metrics\.json: no such file; 'snakemake"):
        read_record(tmp_path / "metrics.json")


def test_published_results_are_brought_back_otherwise(tmp_path):
    write_text(tmp_path / "reference" / "curves.svg", "drawn")
    with pytest.raises(DataError, match=r"git restore .*reference/curves\.svg"):
        check_sha256(tmp_path / "reference" / "curves.svg", HASH, "curves.json")
    assert "restore" not in remedy(tmp_path / "full" / "curves.svg")


def test_a_record_that_is_written_again_gets_its_hash_anew(tmp_path):
    write_record(tmp_path / "a.json", METRICS)
    write_record(tmp_path / "a.json", {**read_json(tmp_path / "a.json"), "more": 1})
    assert read_record(tmp_path / "a.json") == {**METRICS, "more": 1}


def test_the_hash_does_not_depend_on_the_layout_of_the_file(tmp_path):
    write_record(tmp_path / "a.json", METRICS)
    write_text(tmp_path / "b.json", json.dumps(read_json(tmp_path / "a.json")))
    assert read_record(tmp_path / "b.json") == METRICS


def test_the_seeds_of_an_artefact_are_those_that_it_has_read():
    names = ("runs/w/cnn/seed0/metrics.json", "runs/w/cnn/seed10/history.csv", "runs/w/cnn-2/seed3/metrics.json")
    runs = [{"run": "cnn", "seeds": [0, 1, 10]}, {"run": "cnn-2", "seeds": [3, 4]}, {"run": "mlp", "seeds": [0, 1]}]
    description = {"runs": runs, "provenance": {"inputs": dict.fromkeys(names, HASH)}}
    assert [run["seeds"] for run in runs_read("w", description)] == [[0, 10], [3], [0, 1]]


def test_a_reading_of_pages_is_a_result_of_its_run():
    inputs = {"readings/photographs/w/cnn/seed1.npz": HASH, "readings/photographs/v/cnn/seed2.npz": HASH}
    description = {"runs": [{"run": "cnn", "seeds": [0, 1, 2]}], "provenance": {"inputs": inputs}}
    assert runs_read("w", description) == [{"run": "cnn", "seeds": [1]}]
