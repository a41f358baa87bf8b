# Rework: deep-learning homework writeups, rerun from the raw data to a report on what was reproduced.
#
#   <data_dir>/<asset>                           raw files, verified, shared between editions
#   results/<edition>/data/<dataset>/            dataset.json and the files of its layout: <split>_<array>.npy, ...
#   results/<edition>/models/<model>.json        layers, shapes and parameters of one model
#   results/<edition>/runs/<run>/seed<seed>/     weights.safetensors, history.csv, probes.csv, provenance.json, ...
#   results/<edition>/artefacts/<artefact>.json  its values and texts; also .csv, and .svg for a figure
#   results/<edition>/report/                    report.pdf, report.html, manifest.json, metrics.csv
#
# <edition> is full or sample; <model>, <run> and <artefact> are ids of the catalogue: "<writeup>/<name>".
# config/ and report/ are read from beside this file; results/ and data are in the working directory.


include: "workflow/rules/common.smk"
include: "workflow/rules/settings.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/local_jobs.smk"
include: "workflow/rules/assets.smk"
include: "workflow/rules/preprocess.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/artefacts.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        PLAN.report_files(),
        lambda wildcards: PLAN.result_files(),


# The report of the configured edition, that of the sample edition, and the results of each writeup.
for target, files in TARGETS.items():

    rule:
        name:
            target
        input:
            files,


rule verify:
    log:
        "results/logs/verify.log",
    localrule: True
    conda:
        "envs/report.yaml"
    params:
        words=lambda wildcards: command("verify"),
    shell:
        "python -m rework {params.words} 2>&1 | tee {log:q}"


use rule verify as publish with:
    input:
        lambda wildcards: PLANS["full"].report_inputs(published_writeup()),
    log:
        "results/logs/publish.log",
    localrule: True
    params:
        words=lambda wildcards: command("publish", published_writeup()),
