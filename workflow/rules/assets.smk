"""Raw files: found in a local folder or downloaded, and verified; in the sample edition, generated."""


# Find or download one raw file and verify its checksum. Snakemake removes an output before its job runs, unless the job
# updates it: a raw file may be the only copy of something.
rule fetch:
    output:
        update(str(CONFIG.data_dir / "{asset}")),
    log:
        "results/logs/fetch/{asset}.log",
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    params:
        sha256=lambda wildcards: str(ASSETS[wildcards.asset].sha256),
        # A new address or citation is no reason to fetch a file again: functions of output do not trigger reruns.
        settings=lambda wildcards, output: ASSETS[wildcards.asset].to_json(),
        source=lambda wildcards, output: fetch_options(),
    message:
        "fetch {wildcards.asset}"
    shell:
        "python -m rework fetch --settings {params.settings:q} {params.source} > {log:q} 2>&1"


# Draw the embedded sample of one data set, in the official format of its raw files.
rule generate_sample:
    output:
        directory("results/sample/data/{dataset}/raw"),
    log:
        "results/sample/logs/generate_sample/{dataset}.log",
    localrule: True
    conda:
        "../../envs/data.yaml"
    params:
        settings=lambda wildcards: dataset_settings(wildcards).to_json(),
        code=lambda wildcards: fingerprint("rework.steps.sample", dataset_settings(wildcards).sample_module),
        packages=packages("data"),
    message:
        "generate the embedded sample of {wildcards.dataset}"
    shell:
        "python -m rework sample --settings {params.settings:q} --results results/sample > {log:q} 2>&1"
