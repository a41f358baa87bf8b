"""Accuracies during several training runs side by side (discussion 2)."""

from matplotlib.figure import Figure

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.recipes.accuracy_table import accuracy_table
from rework.artefacts.recipes.probe_curves import draw_probes, probe_values
from rework.artefacts.result import Built
from rework.artefacts.sentences import first_seeds
from rework.drawing.style import FULL_WIDTH, plot_style


@measures("test_accuracy")
@needs(runs=4, keys="probe", metrics=("test_accuracy", "generalisation_gap"), probes="test_accuracy")
def accuracy_panels(context: ArtefactContext) -> Built:
    """Return the accuracies during training of several runs side by side, and their test accuracies."""
    runs = context.settings.runs
    found = [(run, context.probes(run.run, run.seeds[0]), context.history(run.run, run.seeds[0])) for run in runs]
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.5))
        all_axes = figure.subplots(1, len(runs), sharey=True, squeeze=False)[0]
        for axes, (run, probes, history) in zip(all_axes, found, strict=True):
            draw_probes(axes, probes, history, "accuracy")
            axes.set_title(run.label, fontsize=8)
        for axes in all_axes[1:]:
            axes.set_ylabel("")
        handles, names = all_axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=3, fontsize=7.5)
    table = accuracy_table(context, title="Test accuracy of the four trainings")
    gaps = {run.run: context.estimate(run.run, "generalisation_gap").mean for run in runs}
    return Built(
        caption=(
            "Accuracies during four trainings, on random examples of the training and of the test split and on the "
            f"whole test set. {first_seeds(runs)} At the end the training split is ahead of the test set by "
            + ", ".join(f"{100 * gaps[run.run]:.1f} points ({run.label})" for run in runs)
            + f". {table.caption}"
        ),
        alt=f"Four panels of noisy accuracy curves over updates: {', '.join(run.label for run in runs)}",
        data=probe_values(found, "accuracy"),
        values=table.values,
        figure=figure,
        facts={"gaps": gaps},
    )
