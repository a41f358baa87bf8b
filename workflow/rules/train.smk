"""Modules described and runs trained."""


# Read layers, shapes and parameter counts off a module.
rule describe:
    output:
        "results/{edition}/models/{model}.json",
    log:
        "results/{edition}/logs/describe/{model}.log",
    conda:
        "../../envs/training.yaml"
    params:
        settings=lambda wildcards: describe_settings(wildcards),
        code=lambda wildcards: fingerprint("rework.steps.describe", model_settings(wildcards).module),
        lock=LOCK,
    message:
        "describe {wildcards.model}"
    shell:
        "python -m rework describe --settings {params.settings:q} --results results/{wildcards.edition} > {log} 2>&1"


# Train one run with one seed. The checkpoint is no output: Snakemake would delete it with the outputs of a failed job.
rule train:
    input:
        run_dataset,
    output:
        weights="results/{edition}/runs/{run}/seed{seed}/weights.safetensors",
        history="results/{edition}/runs/{run}/seed{seed}/history.csv",
        probes="results/{edition}/runs/{run}/seed{seed}/probes.csv",
        provenance="results/{edition}/runs/{run}/seed{seed}/provenance.json",
    log:
        "results/{edition}/logs/train/{run}/seed{seed}.log",
    conda:
        "../../envs/training.yaml"
    threads: lambda wildcards: run_settings(wildcards).threads
    resources:
        gpu=GPUS,
    params:
        settings=lambda wildcards: train_settings(wildcards).to_json(),
        device=lambda wildcards, output: CONFIG.device,
        code=lambda wildcards: fingerprint("rework.steps.train", run_settings(wildcards).model.module),
        lock=LOCK,
    message:
        "train {wildcards.run}, seed {wildcards.seed}"
    shell:
        "python -m rework train --settings {params.settings:q} --results results/{wildcards.edition}"
        " --device {params.device} > {log} 2>&1"
