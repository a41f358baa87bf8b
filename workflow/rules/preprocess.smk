"""Turning raw files into data sets on disk."""

# Read, check and split the raw files of one data set. Each layout has its own outputs and therefore its own rule.
for layout, datasets in DATASETS.items():

    rule:
        name:
            f"preprocess_{layout}"
        input:
            lambda wildcards: PLANS[wildcards.edition].raw_files(wildcards.dataset),
        output:
            expand("results/{{edition}}/data/{{dataset}}/{file}", file=LAYOUTS[layout].file_names),
        log:
            "results/{edition}/logs/preprocess/{dataset}.log",
        wildcard_constraints:
            dataset=one_of(datasets),
        conda:
            f"../../envs/{LAYOUTS[layout].packages}.yaml"
        resources:
            mem_mb=raw_memory,
        params:
            settings=lambda wildcards: dataset_settings(wildcards).to_json(),
            data_dir=lambda wildcards, output: CONFIG.data_dir,
            code=lambda wildcards: fingerprint("rework.steps.preprocess", *preprocess_modules(wildcards)),
            packages=packages(LAYOUTS[layout].packages),
        message:
            "preprocess {wildcards.dataset}"
        shell:
            "python -m rework preprocess --settings {params.settings:q} --results results/{wildcards.edition}"
            " --data-dir {params.data_dir:q} > {log:q} 2>&1"
