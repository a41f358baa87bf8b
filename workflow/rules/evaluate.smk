"""Trained runs measured."""


# Measure a trained run on the test set and keep its predictions.
rule evaluate:
    input:
        rules.train.output,
        run_dataset,
    output:
        metrics="results/{edition}/runs/{run}/seed{seed}/metrics.json",
        predictions="results/{edition}/runs/{run}/seed{seed}/predictions.npz",
    log:
        "results/{edition}/logs/evaluate/{run}/seed{seed}.log",
    conda:
        "../../envs/training.yaml"
    threads: lambda wildcards: run_settings(wildcards).threads
    resources:
        gpu=GPUS,
    params:
        settings=lambda wildcards: evaluate_settings(wildcards).to_json(),
        device=lambda wildcards, output: CONFIG.device,
        code=lambda wildcards: fingerprint("rework.steps.evaluate", run_settings(wildcards).model.module),
        lock=LOCK,
    message:
        "evaluate {wildcards.run}, seed {wildcards.seed}"
    shell:
        "python -m rework evaluate --settings {params.settings:q} --results results/{wildcards.edition}"
        " --device {params.device} > {log} 2>&1"
