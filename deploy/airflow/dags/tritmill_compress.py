"""Compress one model, night after night: wait, plan, compress, evaluate, verify, gate, publish.

Written for Airflow 3 and its Spark provider. Every step is one `spark-submit` of tritmill.jar; what
it does is said by `tritmill COMMAND --help`, and what its exit codes mean by docs/operations.md.

The run directory is made of the run's id alone, so a retry finds what the try before it has done:
`compress` resumes, and a finished run is only verified. Nothing is decided here: the gate is
`tritmill gate`, which leaves gate.json in the run directory.

Where things are on the workers is told by the environment, not by Variables, which would be read
whenever the file is parsed:

    TRITMILL_JAR         the jar (default: /opt/tritmill/tritmill.jar)
    TRITMILL_PROPERTIES  Spark's settings (default: /opt/tritmill/conf/spark-defaults.conf)
    TRITMILL_SPARK_CONN  connection of the cluster (default: spark_default)
    TRITMILL_SENSOR      how to wait for models: s3, or file for any mounted folder (default: s3)
    TRITMILL_AWS_CONN    connection of the object store (default: aws_default)

Secrets belong to connections and to the cluster's credential providers: arguments and settings of
spark-submit are logged in clear.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, Metadata, ObjectStoragePath, Param, chain, dag, task
from airflow.sdk.exceptions import AirflowFailException

JAR = os.environ.get("TRITMILL_JAR", "/opt/tritmill/tritmill.jar")
PROPERTIES = os.environ.get("TRITMILL_PROPERTIES", "/opt/tritmill/conf/spark-defaults.conf")
SPARK_CONN = os.environ.get("TRITMILL_SPARK_CONN", "spark_default")
AWS_CONN = os.environ.get("TRITMILL_AWS_CONN", "aws_default")
SENSOR = os.environ.get("TRITMILL_SENSOR", "s3")

# One asset for all models: which model and which run an event is about stands in its extra.
COMPRESSED = Asset("tritmill_compressed_models")

PLACE = r"^(file|hdfs|s3a|abfss?|gs):/\S+$"

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
    "ready_file": Param(
        "config.json",
        type="string",
        minLength=1,
        description="File of the checkpoint that is written last",
    ),
    # `tritmill plan --cluster` says what fits.
    "executors": Param(4, type="integer", minimum=1),
    "executor_cores": Param(4, type="integer", minimum=1),
    "executor_memory": Param("4g", type="string", pattern="^[0-9]+[mg]$"),
}


def run_directory(output: str, run_id: str) -> str:
    """The same path on every retry; Hadoop's paths have no colon, and `+` is read in two ways."""
    return f"{output.rstrip('/')}/run_id={run_id.replace(':', '-').replace('+', '-')}"


def wait_for_checkpoint():
    """A sensor that holds no worker while it waits."""
    waiting = {
        "task_id": "wait_for_checkpoint",
        "deferrable": True,
        "poke_interval": 60,
        "timeout": timedelta(hours=12).total_seconds(),
    }
    if SENSOR == "file":
        from airflow.providers.standard.sensors.filesystem import FileSensor

        return FileSensor(
            filepath="{{ params.model | replace('file://', '') }}/{{ params.ready_file }}",
            **waiting,
        )
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    return S3KeySensor(
        bucket_key="{{ params.model | replace('s3a://', 's3://') }}/{{ params.ready_file }}",
        aws_conn_id=AWS_CONN,
        **waiting,
    )


def submit(command: str, told, **more) -> SparkSubmitOperator:
    """One command of Tritmill on the cluster."""
    return SparkSubmitOperator(
        task_id=command,
        conn_id=SPARK_CONN,
        application=JAR,
        java_class="io.tritmill.jobs.Main",
        properties_file=PROPERTIES,
        name=f"tritmill {command} {{{{ run_id }}}}",
        application_args=told[command],
        conf={
            "spark.executor.instances": "{{ params.executors }}",
            "spark.executor.cores": "{{ params.executor_cores }}",
            "spark.executor.memory": "{{ params.executor_memory }}",
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
        "plan": ["plan", *what],
        "compress": ["compress", *what, *calibration, "--output", run, "--resume", "auto", *later],
        "evaluate": [
            *["evaluate", run, "--baseline", params["model"], "--dataset", params["dataset"]],
            *["--protocol", params["protocol"]],
            *["--sequence-length", str(params["sequence_length"]), *later],
        ],
        "verify": ["verify", run],
        "gate": ["gate", run, *accepted],
    }


@task(outlets=[COMPRESSED])
def publish(run: str):
    """Tells whoever waits for compressed models; the extra is stored in clear."""
    place = run.replace("s3a://", "s3://")
    conn_id = AWS_CONN if place.startswith("s3://") else None
    folder = ObjectStoragePath(place, conn_id=conn_id)
    summary = json.loads((folder / "summary.json").read_text())
    if summary["gate"] not in (None, "passed"):
        raise AirflowFailException(f"{run}: {summary['gate']}")
    told = [
        *["model", "recipe", "recipe_sha256", "bits_per_weight", "bytes_out"],
        *["perplexity", "perplexity_ratio", "kl_divergence", "protocol", "dataset"],
    ]
    yield Metadata(COMPRESSED, extra={"run": run, **{key: summary[key] for key in told}})


@dag(
    dag_id="tritmill_compress",
    description="Compress one model to trit-planes, and publish it if it is good enough",
    schedule=None,
    catchup=False,
    max_active_runs=4,
    params=PARAMS,
    default_args={"retries": 0, "execution_timeout": timedelta(hours=1)},
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
    told = arguments()
    chain(
        wait_for_checkpoint(),
        submit("plan", told),
        submit("compress", told, execution_timeout=timedelta(hours=12), **again),
        submit("evaluate", told, execution_timeout=timedelta(hours=6), **again),
        submit("verify", told),
        submit("gate", told),
        publish(told["run"]),
    )


tritmill_compress()
