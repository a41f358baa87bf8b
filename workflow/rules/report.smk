"""The report of an edition."""


# Build the manifest and the report as PDF and as one HTML page.
rule build_report:
    input:
        lambda wildcards: PLANS[wildcards.edition].report_inputs(),
        lambda wildcards: report_sources(),
    output:
        expand("results/{{edition}}/report/{file}", file=REPORT_FILES),
    log:
        "results/{edition}/logs/report.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    params:
        catalogue=lambda wildcards: PLANS[wildcards.edition].digest(),
        overrides=lambda wildcards, output: canonical_json(OVERRIDES),
        code=lambda wildcards: fingerprint("rework.steps.report"),
        packages=packages("report"),
    message:
        "build the report of the {wildcards.edition} edition"
    shell:
        "python -m rework report --edition {wildcards.edition} --results results/{wildcards.edition}"
        " --overrides {params.overrides:q} > {log} 2>&1"
