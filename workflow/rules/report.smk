"""The report of an edition, as a page and as PDF: two jobs, because the page takes a second and the PDF many."""


# Build the manifest, the table of all values and the HTML page.
rule build_page:
    input:
        lambda wildcards: PLANS[wildcards.edition].report_inputs(),
        lambda wildcards: report_sources(),
    output:
        expand("results/{{edition}}/report/{file}", file=PAGE_FILES),
    log:
        "results/{edition}/logs/report.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    params:
        only="page",
        catalogue=lambda wildcards: PLANS[wildcards.edition].digest(),
        overrides=lambda wildcards, output: canonical_json(OVERRIDES),
        code=lambda wildcards: fingerprint("rework.steps.report"),
        packages=packages("report"),
    message:
        "build the {params.only} of the {wildcards.edition} edition's report"
    shell:
        "python -m rework report --edition {wildcards.edition} --results results/{wildcards.edition}"
        " --only {params.only} --processes {threads} --overrides {params.overrides:q} --plan {params.catalogue} > {log:q} 2>&1"


# Set the same as PDF.
use rule build_page as build_pdf with:
    output:
        "results/{edition}/report/report.pdf",
    log:
        "results/{edition}/logs/report-pdf.log",
    localrule: True
    threads: 4
    params:
        only="pdf",
        catalogue=lambda wildcards: PLANS[wildcards.edition].digest(),
        overrides=lambda wildcards, output: canonical_json(OVERRIDES),
        code=lambda wildcards: fingerprint("rework.steps.report"),
        packages=packages("report"),
