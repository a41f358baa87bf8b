"""Measuring trained runs."""


# Measure a trained run on the test set and keep its predictions.
rule evaluate:
    input:
        rules.train.output.weights,
        run_dataset,
    output:
        metrics="results/{edition}/runs/{run}/seed{seed}/metrics.json",
        predictions="results/{edition}/runs/{run}/seed{seed}/predictions.npz",
    log:
        "results/{edition}/logs/evaluate/{run}/seed{seed}.log",
    wildcard_constraints:
        run=one_of(RUNS - ENGINE_RUNS),
    conda:
        "../../envs/training.yaml"
    threads: lambda wildcards: run_settings(wildcards).threads
    resources:
        gpu=gpus,
        mem_mb=memory,
    params:
        settings=lambda wildcards: evaluate_settings(wildcards).to_json(),
        device=lambda wildcards, output: device_options(),
        code=lambda wildcards: fingerprint("rework.steps.evaluate", *run_settings(wildcards).modules),
        packages=packages("training"),
    message:
        "evaluate {wildcards.run}, seed {wildcards.seed}"
    shell:
        "python -m rework evaluate --settings {params.settings:q} --results results/{wildcards.edition}"
        " {params.device} > {log:q} 2>&1"


# Let a trained run read the letters found on pages.
rule read_letters:
    input:
        "results/{edition}/runs/{run}/seed{seed}/weights.safetensors",
        lambda wildcards: PLANS[wildcards.edition].dataset_files(wildcards.pages),
    output:
        multiext("results/{edition}/readings/{pages}/{run}/seed{seed}", ".npz", ".json"),
    log:
        "results/{edition}/logs/read_letters/{pages}/{run}/seed{seed}.log",
    wildcard_constraints:
        pages=one_of(name for layout in LAYOUTS if LAYOUTS[layout].readable for name in DATASETS[layout]),
    localrule: True
    conda:
        "../../envs/handwriting.yaml"
    params:
        settings=lambda wildcards: evaluate_settings(wildcards).to_json(),
        code=lambda wildcards: fingerprint("rework.steps.read", run_settings(wildcards).model_module),
        packages=packages("handwriting"),
    message:
        "{wildcards.run}, seed {wildcards.seed}, reads {wildcards.pages}"
    shell:
        "python -m rework read {wildcards.pages} --settings {params.settings:q}"
        " --results results/{wildcards.edition} > {log:q} 2>&1"
