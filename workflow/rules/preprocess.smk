"""Raw files to arrays that map into memory."""


# Read, check and split the raw files of one data set.
rule preprocess:
    input:
        lambda wildcards: PLANS[wildcards.edition].raw_files(wildcards.dataset),
    output:
        "results/{edition}/data/{dataset}/dataset.json",
        expand("results/{{edition}}/data/{{dataset}}/{array}", array=ARRAYS),
    log:
        "results/{edition}/logs/preprocess/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(set(CATALOGUE.dataset_names()).difference(WORD_DATASETS, PAGE_DATASETS)),
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=raw_memory,
    params:
        settings=lambda wildcards: dataset_settings(wildcards).to_json(),
        data_dir=lambda wildcards, output: CONFIG.data_dir,
        code=lambda wildcards: fingerprint("rework.steps.preprocess", dataset_settings(wildcards).module),
        packages=packages("data"),
    message:
        "preprocess {wildcards.dataset}"
    shell:
        "python -m rework preprocess --settings {params.settings:q} --results results/{wildcards.edition}"
        " --data-dir {params.data_dir:q} > {log} 2>&1"


# The same for a data set whose examples form words, whose bounds are arrays too.
use rule preprocess as preprocess_words with:
    output:
        "results/{edition}/data/{dataset}/dataset.json",
        expand("results/{{edition}}/data/{{dataset}}/{array}", array=WORD_ARRAYS),
    wildcard_constraints:
        dataset=one_of(WORD_DATASETS),


# Find the letters on pages of text, and cut them out.
rule find_letters:
    input:
        lambda wildcards: PLANS[wildcards.edition].raw_files(wildcards.dataset),
    output:
        "results/{edition}/data/{dataset}/dataset.json",
        expand("results/{{edition}}/data/{{dataset}}/{array}", array=PAGE_ARRAYS),
    log:
        "results/{edition}/logs/find_letters/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(PAGE_DATASETS),
    conda:
        "../../envs/handwriting.yaml"
    resources:
        mem_mb=raw_memory,
    params:
        settings=lambda wildcards: dataset_settings(wildcards).to_json(),
        data_dir=lambda wildcards, output: CONFIG.data_dir,
        code=lambda wildcards: fingerprint("rework.steps.pages", dataset_settings(wildcards).module),
        packages=packages("handwriting"),
    message:
        "find the letters on {wildcards.dataset}"
    shell:
        "python -m rework pages --settings {params.settings:q} --results results/{wildcards.edition}"
        " --data-dir {params.data_dir:q} > {log} 2>&1"
