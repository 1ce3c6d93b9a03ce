"""Compress one model, night after night: wait, plan, compress, evaluate, verify, gate, publish.

Written for Airflow 3 and its Spark provider. Every step is one `spark-submit` of tritmill.jar; what
it does is said by `tritmill COMMAND --help`, and what its exit codes mean by docs/operations.md.

The run directory is made of the run's id alone, so a retry finds what the try before it has done:
`compress` resumes, and a finished run is only verified. Nothing is decided here: the gate is
`tritmill gate`, which leaves gate.json in the run directory.

Where things are on the workers is told by the environment, not by Variables, which would be read
whenever the file is parsed:

    TRITMILL_JAR         the jar (default: /opt/tritmill/lib/tritmill.jar)
    TRITMILL_PROPERTIES  Spark's settings (default: /opt/tritmill/conf/spark-defaults.conf); they hold
                         beside those of the cluster
    TRITMILL_LOGGING     levels of the driver's log in client mode, which the task shows; empty for
                         Spark's own (default: /opt/tritmill/conf/log4j2.properties)
    TRITMILL_SPARK_CONN  connection of the cluster (default: spark_default)
    TRITMILL_AWS_CONN    connection of the object store (default: aws_default)
    TRITMILL_POOL        pool that bounds what runs on the cluster at a time (default: default_pool)
    TRITMILL_ALERT       dotted name of what is called with the context of a task that failed for good,
                         such as a function of yours that mails (default: nothing)

Secrets belong to connections and to the cluster's credential providers: arguments and settings of
spark-submit are logged in clear.
"""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, Metadata, ObjectStoragePath, Param, chain, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.module_loading import import_string

JAR = os.environ.get("TRITMILL_JAR", "/opt/tritmill/lib/tritmill.jar")
PROPERTIES = os.environ.get("TRITMILL_PROPERTIES", "/opt/tritmill/conf/spark-defaults.conf")
LOGGING = os.environ.get("TRITMILL_LOGGING", "/opt/tritmill/conf/log4j2.properties")
SPARK_CONN = os.environ.get("TRITMILL_SPARK_CONN", "spark_default")
AWS_CONN = os.environ.get("TRITMILL_AWS_CONN", "aws_default")
POOL = os.environ.get("TRITMILL_POOL", "default_pool")
ALERT = os.environ.get("TRITMILL_ALERT", "")

# One asset for all models: which model and which run an event is about stands in its extra.
COMPRESSED = Asset("tritmill_compressed_models")

# As the exit codes of docs/operations.md have it: what another try cannot mend.
FINAL = {2, 3, 4, 5, 6}

PLACE = r"^(file:(/|///)|(hdfs|s3a|abfss?|gs)://)[^/\s]\S*$"

PARAMS = {
    "model": Param(
        None,
        type="string",
        pattern=PLACE,
        description="Checkpoint folder, for example s3a://models/llama",
    ),
    "output": Param(
        None,
        type="string",
        pattern=PLACE,
        description="Folder of this model's runs; the run directory is made inside",
    ),
    "dataset": Param(None, type="string", pattern=PLACE, description="Evaluation data"),
    "recipe": Param(
        "ptqtp", type="string", minLength=1, description="Bundled recipe, or a file's URI"
    ),
    "calibration": Param(
        [],
        type="array",
        items={"type": "string", "pattern": PLACE},
        description="Data sets that layers learn from, for a recipe that needs some",
    ),
    "protocol": Param("windows", type="string", enum=["documents", "windows"]),
    "sequence_length": Param(2048, type="integer", minimum=2),
    "tolerance": Param(
        0.05,
        type="number",
        minimum=0,
        description="How much worse than the last accepted run, as a share of its numbers",
    ),
    "keep_runs": Param(
        0,
        type="integer",
        minimum=0,
        description="How many accepted runs stay in the output folder, 0 for all",
    ),
    # `tritmill plan --cluster` says what fits.
    "executors": Param(4, type="integer", minimum=1),
    "executor_cores": Param(4, type="integer", minimum=1),
    "executor_memory": Param("4g", type="string", pattern="^[1-9][0-9]*[mg]$"),
    "driver_memory": Param("1g", type="string", pattern="^[1-9][0-9]*[mg]$"),
}


def seen(uri: str) -> ObjectStoragePath | None:
    """A folder as Airflow sees it, or nothing where it has no file system of that name."""
    path = uri.rstrip("/")
    if path.startswith("file:"):
        return ObjectStoragePath(re.sub("^file:/+", "file:///", path))
    if path.startswith("s3a://"):
        return ObjectStoragePath(path.replace("s3a://", "s3://", 1), conn_id=AWS_CONN)
    return None


@task.sensor(poke_interval=60, timeout=timedelta(hours=12).total_seconds(), mode="reschedule")
def wait_for_checkpoint(params=None) -> bool:
    """Whether config.json and all weights are there; holds no worker between two looks.

    What Airflow cannot see is for `plan` to find, which is tried again for an hour.
    """
    folder = seen(params["model"])
    if folder is None:
        return True
    if not (folder / "config.json").exists():
        return False
    index = folder / "model.safetensors.index.json"
    if index.exists():
        try:
            files = set(json.loads(index.read_text())["weight_map"].values())
        except json.JSONDecodeError:
            return False
        return all((folder / file).exists() for file in files)
    names = [one.name for one in folder.iterdir() if one.name.endswith(".safetensors")]
    # One of several files, whose index is still to come.
    return bool(names) and not any(re.search(r"-of-[0-9]+\.safetensors$", one) for one in names)


class Tritmill(SparkSubmitOperator):
    """One command on the cluster, which is not tried again where its exit code says it is no use."""

    def __init__(self, *, final: set[int], **settings):
        super().__init__(**settings)
        self.final = final

    def execute(self, context):
        # Given as a file, they would take the place of the cluster's own.
        self.conf = {**properties(), **self.conf}
        if LOGGING:
            options = self.conf.get("spark.driver.extraJavaOptions", "")
            options = f"-Dlog4j2.configurationFile={LOGGING} {options}".strip()
            self.conf["spark.driver.extraJavaOptions"] = options
        try:
            return super().execute(context)
        except AirflowException as failure:
            code = re.search(r"Error code is: ([0-9]+)", str(failure))
            if code and int(code[1]) in self.final:
                raise AirflowFailException(str(failure)) from failure
            raise


def properties() -> dict[str, str]:
    """Settings of Tritmill, as Spark reads such a file."""
    with open(PROPERTIES, encoding="utf-8") as lines:
        words = [line.split(None, 1) for line in lines if line.strip() and line[0] != "#"]
    return {key: value.strip() for key, value in words}


def run_directory(output: str, run_id: str) -> str:
    """The same path on every retry; Hadoop's paths have no colon, and `+` is read in two ways."""
    return f"{output.rstrip('/')}/run_id={run_id.replace(':', '-').replace('+', '-')}"


def submit(command: str, told, final=FINAL, **more) -> Tritmill:
    """One command of Tritmill on the cluster."""
    return Tritmill(
        task_id=command,
        conn_id=SPARK_CONN,
        application=JAR,
        java_class="io.tritmill.jobs.Main",
        final=final,
        pool=POOL,
        name=f"tritmill {command} {{{{ run_id }}}}",
        application_args=told[command],
        conf={
            "spark.executor.instances": "{{ params.executors }}",
            "spark.executor.cores": "{{ params.executor_cores }}",
            "spark.executor.memory": "{{ params.executor_memory }}",
            "spark.driver.memory": "{{ params.driver_memory }}",
        },
        **more,
    )


@task(multiple_outputs=True)
def arguments(params=None, run_id=None):
    """What each command is called with, and the run directory: strings, the same on every try."""
    run = run_directory(params["output"], run_id)
    what = ["--model", params["model"], "--recipe", params["recipe"]]
    calibration = [word for one in params["calibration"] for word in ("--calibration", one)]
    accepted = ["--accepted", params["output"], "--tolerance", str(params["tolerance"])]
    # The gate is a step of its own: a run that fails it is not compressed or evaluated again.
    later = ["--gate", "later"]
    return {
        "run": run,
        "plan": ["plan", *what, *calibration],
        "compress": ["compress", *what, *calibration, "--output", run, "--resume", "auto", *later],
        "evaluate": [
            *["evaluate", run, "--baseline", params["model"], "--dataset", params["dataset"]],
            *["--protocol", params["protocol"]],
            *["--sequence-length", str(params["sequence_length"]), *later],
        ],
        "verify": ["verify", run],
        "gate": ["gate", run, *accepted],
    }


def passed(run: ObjectStoragePath) -> bool:
    """Whether the gate of a run has passed it; its reason is a sentence for people."""
    gate = run / "gate.json"
    return gate.exists() and json.loads(gate.read_text())["verdict"] == "passed"


@task(outlets=[COMPRESSED])
def publish(run: str):
    """Tells whoever waits for compressed models; the extra is stored in clear."""
    folder = seen(run)
    if folder is None:
        # What `gate` has passed is published, though Airflow cannot read its numbers.
        yield Metadata(COMPRESSED, extra={"run": run})
        return
    summary = json.loads((folder / "summary.json").read_text())
    if not passed(folder):
        raise AirflowFailException(f"{run}: {summary['gate']}")
    told = [
        *["model", "recipe", "recipe_sha256", "bits_per_weight", "bits_per_weight_model"],
        *["bytes_out", "perplexity", "perplexity_ratio", "kl_divergence", "protocol", "dataset"],
    ]
    yield Metadata(COMPRESSED, extra={"run": run, **{key: summary[key] for key in told}})


@task
def clean_up(run: str, params=None):
    """Removes accepted runs but the newest; what failed, or is not complete, stays to be looked at."""
    folder = seen(run)
    if folder is None or params["keep_runs"] == 0:
        return []
    accepted = []
    for other in folder.parent.iterdir():
        complete = other.name.startswith("run_id=") and (other / "_SUCCESS").exists()
        if complete and other.name != folder.name:
            if passed(other):
                accepted.append(((other / "gate.json").stat().st_mtime, other.name))
    # This one counts too.
    old = [name for _, name in sorted(accepted, reverse=True)[params["keep_runs"] - 1 :]]
    for name in old:
        # First the mark, so that nobody takes a run of which half is left for a whole one.
        (folder.parent / name / "_SUCCESS").unlink()
        (folder.parent / name).rmdir(recursive=True)
    return old


@dag(
    dag_id="tritmill_compress",
    description="Compress one model to trit-planes, and publish it if it is good enough",
    schedule=None,
    catchup=False,
    max_active_runs=4,
    dagrun_timeout=timedelta(hours=36),
    params=PARAMS,
    default_args={
        "retries": 0,
        "execution_timeout": timedelta(hours=1),
        "on_failure_callback": import_string(ALERT) if ALERT else None,
    },
    doc_md=__doc__,
    tags=["tritmill"],
)
def tritmill_compress():
    # A failed machine is worth another try, and costs only what was in flight.
    again = {
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=30),
    }
    # A checkpoint that is still being written is broken until it is whole.
    whole = {"retries": 6, "retry_delay": timedelta(minutes=10), "final": FINAL - {4}}
    told = arguments()
    chain(
        wait_for_checkpoint(),
        submit("plan", told, **whole),
        submit("compress", told, execution_timeout=timedelta(hours=12), **again),
        submit("evaluate", told, execution_timeout=timedelta(hours=6), **again),
        submit("verify", told),
        submit("gate", told),
        publish(told["run"]),
        clean_up(told["run"]),
    )


tritmill_compress()
