# Rework: deep-learning homework writeups, run again from the raw data to a report of what came back.
#
#   <data_dir>/<asset>                           raw files, verified, shared between editions
#   results/<edition>/data/<dataset>/            dataset.json and <split>_<array>.npy, as its layout says
#   results/<edition>/models/<model>.json        layers, shapes and parameters of one module
#   results/<edition>/runs/<run>/seed<seed>/     weights.safetensors, history.csv, probes.csv, provenance.json, ...
#   results/<edition>/artefacts/<artefact>.json  what it shows and says; .csv; .svg of a figure
#   results/<edition>/report/                    report.pdf, report.html, manifest.json, metrics.csv
#
# <edition> is full or sample; <model>, <run> and <artefact> are ids of the catalogue: "<writeup>/<name>".
# config/ and report/ are found beside this file, results/ and data in the working directory.


include: "workflow/rules/common.smk"
include: "workflow/rules/settings.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/warm.smk"
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


# The report of the edition that the configuration names, that of the sample edition, and the results of each writeup.
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
        "python -m rework {params.words} 2>&1 | tee {log}"


use rule verify as publish with:
    input:
        lambda wildcards: PLANS["full"].report_inputs(published_writeup()),
    log:
        "results/logs/publish.log",
    localrule: True
    params:
        words=lambda wildcards: command("publish", published_writeup()),
