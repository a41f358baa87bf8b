"""Raw files: found in a local folder or downloaded, and verified; generated in the sample edition."""


# Find or download one raw file and verify its checksum.
rule fetch:
    output:
        CONFIG.data_dir / "{asset}",
    log:
        "results/logs/fetch/{asset}.log",
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    params:
        sha256=lambda wildcards: str(ASSETS[wildcards.asset].sha256),
        # Another address or citation is no reason to fetch a file again: a function of output is not remembered.
        settings=lambda wildcards, output: ASSETS[wildcards.asset].to_json(),
        source=lambda wildcards, output: fetch_options(),
    message:
        "fetch {wildcards.asset}"
    shell:
        "python -m rework fetch --settings {params.settings:q} {params.source} > {log} 2>&1"


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
        "python -m rework sample --settings {params.settings:q} --results results/sample > {log} 2>&1"
