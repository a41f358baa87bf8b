"""Functions that give the rules the inputs and settings of a job."""


def run_settings(wildcards):
    """Return the settings of a run."""
    return PLANS[wildcards.edition].run(wildcards.run, int(wildcards.seed))


def train_inputs(wildcards):
    """Return the files that the training of a run reads."""
    return PLANS[wildcards.edition].train_inputs(wildcards.run, int(wildcards.seed))


def run_dataset(wildcards):
    """Return the files of the data set that a run reads."""
    return PLANS[wildcards.edition].dataset_files(run_settings(wildcards).data.dataset)


def train_settings(wildcards):
    """Return the settings of a run that its training reads."""
    return PLANS[wildcards.edition].trained(wildcards.run, int(wildcards.seed))


def evaluate_settings(wildcards):
    """Return the settings of a run that its evaluation reads."""
    return PLANS[wildcards.edition].run(wildcards.run, int(wildcards.seed))


def dataset_settings(wildcards):
    """Return the settings of a data set; without an edition, those of the sample edition."""
    return PLANS[getattr(wildcards, "edition", "sample")].dataset(wildcards.dataset)


def preprocess_modules(wildcards):
    """Return the modules that read a data set and write it."""
    settings = dataset_settings(wildcards)
    return settings.module, LAYOUTS[settings.layout].writer


def weights_settings(wildcards):
    """Return the settings of the weights step."""
    return PLANS[wildcards.edition].initial_settings(wildcards.weights).to_json()


def sample_weights_module(wildcards):
    """Return the module that generates the weights of the sample edition, or nothing."""
    settings = PLANS[wildcards.edition].initial_settings(wildcards.weights)
    return [settings.sample_module] if settings.sample else []


def model_settings(wildcards):
    """Return the settings of a model that is described, not trained."""
    return CATALOGUE.model(*wildcards.model.split("/"))


def describe_settings(wildcards):
    """Return the settings of the describe step."""
    writeup, name = wildcards.model.split("/")
    return canonical_json({"writeup": writeup, "name": name, "model": plain(model_settings(wildcards))})


def artefact_settings(wildcards):
    """Return the settings that making an artefact takes."""
    return PLANS[wildcards.edition].made(wildcards.artefact)


def artefact_modules(wildcards):
    """Return the modules that make an artefact, besides those of the step."""
    return artefact_settings(wildcards).modules


def published_writeup():
    """Return the writeup that --config names for publishing."""
    if CONFIG.writeup:
        return CONFIG.writeup
    raise WorkflowError(f"publish: say which writeup, --config writeup=NAME; known: {', '.join(CATALOGUE.writeups)}")


def command(*words):
    """Return the command of a step that reads the catalogue itself, with the values of --config."""
    return shlex.join([*words, "--overrides", canonical_json(OVERRIDES)])


def report_sources():
    """Return the templates, styles, texts and the Node lock file of the report, without node_modules."""
    entries = [entry for entry in (ROOT / "report").iterdir() if entry.name != "node_modules"]
    found = [path for entry in entries for path in (entry, *entry.rglob("*")) if path.is_file()]
    return sorted(os.path.relpath(path) for path in found)


def fetch_options():
    """Return the options of the fetch step: the data folder, local folders, and whether it may download."""
    words = ["--data-dir", CONFIG.data_dir]
    for folder in CONFIG.local_folders:
        words += ["--local-folder", folder]
    return shlex.join(map(str, words + ["--offline"] * CONFIG.offline))
