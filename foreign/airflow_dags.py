"""Has the real Airflow read the DAGs and run one:  airflow_dags.py DAGS TRITMILL WORK

WORK holds a model, data and, after it, the runs. The connection spark_default and spark-submit come by
the environment. Prints what was seen, one line each; the first mistake ends it with a trace.
"""

import copy
import json
import pathlib
import subprocess
import sys

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import ParamValidationError

DAGS, TRITMILL, WORK = (pathlib.Path(one) for one in sys.argv[1:])
STEPS = ["plan", "compress", "evaluate", "verify", "gate"]
GIVEN = {
    # As Tritmill prints a local folder.
    "model": f"file:{WORK}/model/",
    "output": f"file://{WORK}/runs/",
    "dataset": f"file:{WORK}/data.jsonl",
    "recipe": f"file:{WORK}/recipe.yaml",
    "protocol": "documents",
    "sequence_length": 16,
    "tolerance": 10,
    "keep_runs": 1,
    "executors": 1,
    "executor_cores": 1,
    "executor_memory": "512m",
    "driver_memory": "640m",
}
WRONG = [
    {"model": "/models/m"},
    {"model": "file://host/models/m"},
    {"model": "s3a:models/m"},
    {"sequence_length": "2048"},
    {"tolerance": -1},
    {"executor_memory": "4 GB"},
    {"driver_memory": "0g"},
    {"calibration": "s3a://c4"},
]


def states(dag, conf):
    """Runs a DAG here and now; the last try of each task, and its state."""
    run = dag.test(run_conf=conf)
    return {one.task_id: (str(one.state), one.try_number) for one in run.get_task_instances()}


def main():
    bag = DagBag(str(DAGS))
    assert not bag.import_errors, bag.import_errors
    assert set(bag.dags) == {"tritmill_compress", "tritmill_nightly"}, bag.dags
    dag = bag.dags["tritmill_compress"]
    for wrong in WRONG:
        params = copy.deepcopy(dag.params)
        params.update(GIVEN)
        params.validate()
        try:
            params.update(wrong)
            params.validate()
        except ParamValidationError:
            continue
        raise AssertionError(f"{wrong} was taken")
    print("params: as they should be")

    told = dag.task_dict["arguments"].python_callable
    for entry in bag.dags["tritmill_nightly"].params["models"]:
        conf = {key: value for key, value in entry.items() if key != "name"}
        params = copy.deepcopy(dag.params)
        params.update(conf)
        words = told(params=params.dump(), run_id="scheduled__2026-11-26T01:00:00+00:00")
        assert not set(words["run"]) & set("+ ") and words["run"].count(":") == 1, words["run"]
        for step in STEPS:
            subprocess.run([TRITMILL, "--validate-only", *words[step]], check=True)
    print("command lines: as they should be")

    wrong = WORK / "wrong.yaml"
    wrong.write_text('version: 1\nname: wrong\nrules: [{match: "*", stages: [{no_such: {}}]}]\n')
    seen = states(dag, {**GIVEN, "recipe": f"file:{wrong}"})
    assert seen["plan"] == ("failed", 1), seen
    print("what cannot succeed: tried once")

    for _ in range(2):
        seen = states(dag, GIVEN)
        assert all(state == "success" for state, _ in seen.values()), seen
    runs = list((WORK / "runs").iterdir())
    assert len(runs) == 1, runs
    verdict = json.loads((runs[0] / "gate.json").read_text())
    # The first night was what the second one was held against, before it was removed.
    assert verdict["verdict"] == "passed" and verdict["accepted_run"], verdict
    print("two nights: published, the last one is kept")


if __name__ == "__main__":
    main()
