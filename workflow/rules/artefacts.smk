"""Tables, figures, numbers and claims."""


# Make a table, a number or a set of claims.
rule make_table:
    input:
        lambda wildcards: PLANS[wildcards.edition].artefact_inputs(wildcards.artefact),
    output:
        multiext("results/{edition}/artefacts/{artefact}", ".json", ".csv"),
    log:
        "results/{edition}/logs/artefact/{artefact}.log",
    wildcard_constraints:
        artefact=one_of(set(ARTEFACTS).difference(FIGURES)),
    localrule: True
    conda:
        "../../envs/plots.yaml"
    params:
        settings=lambda wildcards: artefact_settings(wildcards).to_json(),
        code=lambda wildcards: fingerprint("rework.steps.artefact", *artefact_modules(wildcards)),
        packages=packages("plots"),
    message:
        "make {wildcards.artefact}"
    shell:
        "python -m rework artefact --settings {params.settings:q} --results results/{wildcards.edition} > {log:q} 2>&1"


# Draw a figure: the same, with a picture.
use rule make_table as make_figure with:
    output:
        multiext("results/{edition}/artefacts/{artefact}", ".json", ".csv", ".svg"),
    wildcard_constraints:
        artefact=one_of(FIGURES),
    localrule: True
