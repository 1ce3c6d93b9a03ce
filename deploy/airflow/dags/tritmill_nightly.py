"""Compress a list of models every night: one mapped task a model, each a run of tritmill_compress.

A model that fails fails its own task; the others go on. Tried again, a task clears the run that it
began, whose id and so whose run directory are the same: it resumes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

# The list to edit; each entry holds params of tritmill_compress, and the name of its run.
MODELS = [
    {
        "name": "llama",
        "model": "s3a://models/llama",
        "output": "s3a://runs/llama",
        "dataset": "s3a://data/wikitext-test",
    },
    {
        "name": "mistral",
        "model": "s3a://models/mistral",
        "output": "s3a://runs/mistral",
        "dataset": "s3a://data/wikitext-test",
        "recipe": "trit2-uniform",
        "calibration": ["s3a://data/c4-sample", "s3a://data/wikitext-train"],
    },
]


@task
def runs(params=None, run_id=None):
    """For each model the id of its run, the same on every try, and its params."""
    return [
        {
            "trigger_run_id": f"{run_id}.{entry['name']}",
            "conf": {key: value for key, value in entry.items() if key != "name"},
        }
        for entry in params["models"]
    ]


@dag(
    dag_id="tritmill_nightly",
    description="Compress a list of models, each in a run of tritmill_compress",
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "models": Param(
            MODELS,
            type="array",
            minItems=1,
            items={
                "type": "object",
                "required": ["name", "model", "output", "dataset"],
                "properties": {"name": {"type": "string", "pattern": "^[A-Za-z0-9._-]+$"}},
            },
        )
    },
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10)},
    doc_md=__doc__,
    tags=["tritmill"],
)
def tritmill_nightly():
    TriggerDagRunOperator.partial(
        task_id="compress",
        trigger_dag_id="tritmill_compress",
        wait_for_completion=True,
        deferrable=True,
        reset_dag_run=True,
        poke_interval=60,
        max_active_tis_per_dagrun=4,
    ).expand_kwargs(runs())


tritmill_nightly()
