"""Targets on the command line that nobody configured, or that are spelled as Snakemake does not know them."""

from pathlib import Path

import pytest
from config_copy import ROOT
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.targets import check_targets
from rework.errors import ConfigError

CATALOGUE = load_catalogue(ROOT)
MEANT = "did you mean"
METRICS = "results/full/runs/ocr/cnn-2/seed0/metrics.json"
READING = "results/full/readings/photographs/nist36/cnn/seed0.npz"
WRONG = {
    "results/full/runs/ocr/cnn-2/seed99/metrics.json": [
        "run 'cnn-2' of config/writeups/ocr.yaml has the seeds 0, 1, ",
        "in the full edition, not 99; name one of these, or add it to the run's `seeds`",
    ],
    "./results/sample/runs/ocr/cnn-2/seed1/metrics.json": ["has the seeds 0 in the sample edition, not 1"],
    "results/full/runs/ocr/cnn-2/seed00/metrics.json": ["not 00; name one of these"],
    "results/full/runs/ocr/cnn-2/seed-1/weights.safetensors": ["not -1; name one of these"],
    "results/full/runs/ocr/cnm-2/seed0/metrics.json": ["config/writeups/ocr.yaml: unknown run 'cnm-2'", "'cnn-2'?"],
    "results/sample/runs/ocr/cnm-2/seed0/metrics.json": ["config/writeups/ocr.yaml: unknown run 'cnm-2'"],
    "results/full/runs/orc/cnn-2/seed0/metrics.json": ["unknown writeup 'orc'", "did you mean 'ocr'?"],
    "results/ful/runs/ocr/cnn-2/seed0/metrics.json": ["unknown edition 'ful'", "did you mean 'full'?"],
    "results/full/runs/nist36/scene-cnn/seed0/metrics.json": ["run 'scene-cnn' needs scenes8, which the key without"],
    "results/full/artefacts/ocr/depht-table.json": ["unknown artefact 'depht-table'", "did you mean 'depth-table'?"],
    "results/full/artefacts/nist36/scene-bag-of-words.csv": ["this artefact is not made: Left out, because"],
    "results/full/data/ocr-leters/dataset.json": ["unknown data set 'ocr-leters'", "did you mean 'ocr-letters'?"],
    # Of every kind of path, and in every place of one, the name that was meant; else what is there.
    "results/full/runs/ocr/cnn-2/seed0/metric.json": [f"no rule makes it; {MEANT} '{METRICS}'?"],
    "results/full/run/ocr/cnn-2/seed0/metrics.json": [f"{MEANT} '{METRICS}'?"],
    "result/full/runs/ocr/cnn-2/seed0/metrics.json": [f"{MEANT} '{METRICS}'?"],
    "results/full/readings/photograph/nist36/cnn/seed0.npz": [
        f"{MEANT} 'results/full/readings/photographs/nist36/cnn/"
    ],
    "results/full/readings/photographs/nist36/cmn/seed0.npz": [f"{MEANT} '{READING}'?"],
    "results/full/readings/photographs/nist36/other/seed0.npz": [
        "results/full/readings/photographs/nist36 holds cnn, "
    ],
    "results/full/models/course-notes/notes-cn.json": [f"{MEANT} 'results/full/models/course-notes/notes-cnn.json'?"],
    "results/full/models/ocr/cnn.json": ["no rule makes it; results/full/models holds course-notes, fashion-captions"],
    "results/full/weights/vgg19.safetensors": [f"{MEANT} 'results/full/weights/vgg-19.safetensors'?"],
    "results/full/data/mnist/train_input.npy": [f"{MEANT} 'results/full/data/mnist/train_inputs.npy'?"],
    "results/sample/data/mnist/raww": [f"{MEANT} 'results/sample/data/mnist/raw'?"],
    "results/full/report/report.pfd": [f"{MEANT} 'results/full/report/report.pdf'?"],
    "results/full/report.pdf": [f"{MEANT} 'results/full/report/report.pdf'?"],
    "results/full/logs/report.log": ["no rule makes it; results/full holds artefacts, data, models, "],
    "results/reference/report/report.pdf": [
        "no rule makes published results; 'snakemake publish --config writeup=NAME'"
    ],
    "data/ocr-letters/leter.data.gz": [f"{MEANT} 'data/ocr-letters/letter.data.gz'?"],
    "data/mnist/other": ["no rule makes it; data/mnist holds t10k-images"],
    # Folders.
    "results": ["it is a folder, and targets are files, such as results/full/artefacts/"],
    "results/full/report/": ["it is a folder, and targets are files, such as results/full/report/manifest.json"],
    "results/full/runs/ocr/cnn-2/seed0": ["such as results/full/runs/ocr/cnn-2/seed0/history.csv"],
    # Spellings that Snakemake does not take.
    "Results/Full/runs/ocr/cnn-2/seed0/metrics.json": [f"Snakemake knows it as {METRICS}: write it so"],
    "results/full/runs/OCR/cnn-2/seed0/Metrics.json": [f"Snakemake knows it as {METRICS}: write it so"],
    f"{Path.cwd()}/{METRICS}": [f"Snakemake knows it as {METRICS}: write it so"],
    f"{Path.cwd()}/results/full//../full/report/report.pfd": ["did you mean 'results/full/report/report.pdf'?"],
    # Names of targets.
    "smaple": ["there is no such target; did you mean 'sample'?"],
    "Sample": ["did you mean 'sample'?"],
    "sample/": ["did you mean 'sample'?"],
    "orc": ["did you mean 'ocr'?"],
    "trian": ["did you mean 'train'?"],
}


@pytest.mark.parametrize("target", WRONG)
def test_a_path_that_is_not_configured_is_one_line(target):
    with pytest.raises(ConfigError) as caught:
        check_targets(CATALOGUE, ["--cores", "8", target])
    said = str(caught.value)
    assert said.startswith(f"target {target}: ")
    assert all(part in said for part in WRONG[target]), said
    assert "\n" not in said


def test_what_rules_make_and_what_is_of_others_is_left_to_snakemake():
    spelled = [f"./{METRICS}", METRICS.replace("/", "//"), f"{METRICS}/", f"../{Path.cwd().name}/{METRICS}"]
    made = [
        METRICS, READING, "sample", "ocr", "preprocess_examples", "results/sample/data/recall/dataset.json",
        "results/sample/data/mnist/raw", "results/full/report/report.pdf",
        "results/full/models/course-notes/notes-cnn.json", "results/logs/verify.log",
        "results/full/artefacts/ocr/depth-table.json", "data/ocr-letters/letter.data.gz",
        "results/full/weights/vgg-19.json",
    ]  # fmt: skip
    of_others = [
        "README.md",
        "something-else",
        "/etc/hostname",
        "elsewhere/a.json",
        "https://example.org/results/full/x",
    ]
    check_targets(CATALOGUE, [*spelled, *made, *of_others])


def test_raw_files_are_found_in_the_folder_that_the_user_named(tmp_path):
    catalogue = load_catalogue(ROOT, {"data_dir": str(tmp_path)})
    check_targets(catalogue, [f"{tmp_path}/ocr-letters/letter.data.gz"])
    with pytest.raises(ConfigError, match=f"did you mean '{tmp_path}/ocr-letters/letter.data.gz'"):
        check_targets(catalogue, [f"{tmp_path}/ocr-letters/letter.data"])


def test_a_path_by_way_of_a_link_to_the_folder_is_told_as_snakemake_knows_it(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to("here")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(ConfigError, match=f"Snakemake knows it as {METRICS}: write it so"):
        check_targets(CATALOGUE, [f"{tmp_path}/link/{METRICS}"])


def test_rules_of_a_workflow_that_uses_this_one_may_make_other_files():
    check_targets(CATALOGUE, ["smaple", "results/full/more/table.csv", "results/summary.json", METRICS], alone=False)
    with pytest.raises(ConfigError, match="has the seeds"):
        check_targets(CATALOGUE, [METRICS.replace("seed0", "seed99")], alone=False)


def test_a_file_that_is_there_needs_no_rule(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/full/logs").mkdir(parents=True)
    (tmp_path / "results/full/logs/a.log").touch()
    (tmp_path / "smaple").touch()
    check_targets(CATALOGUE, ["results/full/logs/a.log", "smaple"])
