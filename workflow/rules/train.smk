"""Describing models and training runs."""


# List the layers, shapes and parameter counts of a model.
rule describe:
    output:
        "results/{edition}/models/{model}.json",
    log:
        "results/{edition}/logs/describe/{model}.log",
    localrule: True
    conda:
        "../../envs/training.yaml"
    params:
        settings=lambda wildcards: describe_settings(wildcards),
        code=lambda wildcards: fingerprint("rework.steps.describe", model_settings(wildcards).module),
        packages=packages("training"),
    message:
        "describe {wildcards.model}"
    shell:
        "python -m rework describe --settings {params.settings:q} --results results/{wildcards.edition} > {log:q} 2>&1"


# Train one run with one seed. The checkpoint is not an output, because Snakemake deletes outputs when a job fails.
rule train:
    input:
        train_inputs,
    output:
        weights="results/{edition}/runs/{run}/seed{seed}/weights.safetensors",
        history="results/{edition}/runs/{run}/seed{seed}/history.csv",
        probes="results/{edition}/runs/{run}/seed{seed}/probes.csv",
        provenance="results/{edition}/runs/{run}/seed{seed}/provenance.json",
    log:
        "results/{edition}/logs/train/{run}/seed{seed}.log",
    wildcard_constraints:
        run=one_of(RUNS - ENGINE_RUNS),
    conda:
        "../../envs/training.yaml"
    threads: lambda wildcards: run_settings(wildcards).threads
    resources:
        gpu=gpus,
        mem_mb=memory,
        runtime=minutes,
    params:
        settings=lambda wildcards: train_settings(wildcards).to_json(),
        device=lambda wildcards, output: device_options() + " --no-cuda-graphs" * (not CONFIG.cuda_graphs),
        code=lambda wildcards: fingerprint("rework.steps.train", *run_settings(wildcards).modules),
        packages=packages("training"),
    message:
        "train {wildcards.run}, seed {wildcards.seed}"
    shell:
        "python -m rework train --settings {params.settings:q} --results results/{wildcards.edition}"
        " {params.device} > {log:q} 2>&1"


# Train and measure one run whose model is an engine, without torch.
rule fit:
    input:
        run_dataset,
    output:
        expand("results/{{edition}}/runs/{{run}}/seed{{seed}}/{file}", file=RUN_FILES),
    log:
        "results/{edition}/logs/fit/{run}/seed{seed}.log",
    wildcard_constraints:
        run=one_of(ENGINE_RUNS),
    conda:
        "../../envs/engines.yaml"
    threads: lambda wildcards: run_settings(wildcards).threads
    resources:
        mem_mb=memory,
        runtime=minutes,
    params:
        settings=lambda wildcards: evaluate_settings(wildcards).to_json(),
        code=lambda wildcards: fingerprint("rework.steps.fit", *run_settings(wildcards).modules),
        packages=packages("engines"),
    message:
        "fit {wildcards.run}, seed {wildcards.seed}"
    shell:
        "python -m rework fit --settings {params.settings:q} --results results/{wildcards.edition} > {log:q} 2>&1"


# Convert pretrained weights to the form that trainings start with; the sample edition generates random ones.
rule convert_weights:
    input:
        lambda wildcards: PLANS[wildcards.edition].initial_source(wildcards.weights),
    output:
        multiext("results/{edition}/weights/{weights}", ".safetensors", ".json"),
    log:
        "results/{edition}/logs/weights/{weights}.log",
    wildcard_constraints:
        weights=one_of(CATALOGUE.initial_assets()),
    conda:
        "../../envs/training.yaml"
    resources:
        mem_mb=raw_memory,
    params:
        settings=lambda wildcards: weights_settings(wildcards),
        data_dir=lambda wildcards, output: CONFIG.data_dir,
        code=lambda wildcards: fingerprint("rework.steps.weights", *sample_weights_module(wildcards)),
        packages=packages("training"),
    message:
        "convert the weights {wildcards.weights}"
    shell:
        "python -m rework weights --settings {params.settings:q} --results results/{wildcards.edition}"
        " --data-dir {params.data_dir:q} > {log:q} 2>&1"
