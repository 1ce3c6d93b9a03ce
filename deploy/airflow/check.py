#!/usr/bin/env python3
"""Checks the DAG files without Airflow:  python3 deploy/airflow/check.py

Runs each file against a strict stub, renders what it would submit for several params and run ids,
and has the real command line read every argument list (./tritmill --validate-only), which needs a
JDK 25 and builds Tritmill once. Prints what was checked; the first mistake ends it with status 1.
"""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import re
import runpy
import subprocess
import sys
import tempfile

import airflow_stub as stub

HERE = pathlib.Path(__file__).resolve().parent
TRITMILL = HERE.parent.parent / "tritmill"

STEPS = ["wait_for_checkpoint", "plan", "compress", "evaluate", "verify", "gate", "publish"]
# What each sensor waits for, and how it does not call that.
WAITS = {"S3KeySensor": ("bucket_key", "s3a:"), "FileSensor": ("filepath", "file:")}
RUN_IDS = ["manual__2026-11-26T01:00:00.123456+00:00", "scheduled__2026-11-26T01:00:00+00:00"]
CONFS = [
    {
        "model": "s3a://models/llama",
        "output": "s3a://runs/llama/",
        "dataset": "s3a://data/wikitext-test",
    },
    {
        "model": "file:///models/m",
        "output": "hdfs://name/runs/m",
        "dataset": "hdfs://name/data/d",
        "recipe": "trit2-uniform",
        "calibration": ["hdfs://name/c4", "hdfs://name/wikitext"],
        "protocol": "documents",
        "sequence_length": 512,
        "tolerance": 0,
        "executor_memory": "3072m",
    },
]
MISTAKES = [
    {},
    {"model": "/models/m"},
    {**CONFS[0], "recipes": "ptqtp"},
    {**CONFS[0], "sequence_length": "2048"},
    {**CONFS[0], "tolerance": -1},
    {**CONFS[0], "executor_memory": "4 GB"},
    {**CONFS[0], "calibration": "s3a://c4"},
]


def require(condition: bool, what: str):
    if not condition:
        raise stub.Refused(what)


def load(file: str, **environment) -> stub.Dag:
    stub.DAGS.clear()
    os.environ.update(environment)
    try:
        runpy.run_path(str(HERE / "dags" / file))
    finally:
        for name in environment:
            del os.environ[name]
    require(len(stub.DAGS) == 1, f"{file} has {len(stub.DAGS)} DAGs, expected one")
    return stub.DAGS[0]


def order(dag: stub.Dag) -> list[str]:
    """Tasks so that each comes after those that it waits for."""
    left, done = dict(dag.tasks), []
    while left:
        ready = [name for name, task in left.items() if task.upstream <= set(done)]
        require(bool(ready), f"{dag.dag_id} has a cycle among {sorted(left)}")
        done += ready
        for name in ready:
            del left[name]
    return done


class Run:
    """One run of a DAG: resolves outputs of functions and renders templates."""

    def __init__(self, dag: stub.Dag, conf: dict, run_id: str):
        self.context = {"params": dag.resolve(conf), "run_id": run_id}

    def resolve(self, value):
        if isinstance(value, stub.Output):
            result = value.task.call(self.context, self.resolve)
            return result if value.key is None else result[value.key]
        if isinstance(value, dict):
            return {key: self.resolve(one) for key, one in value.items()}
        if isinstance(value, str):
            return re.sub(r"\{\{(.*?)\}\}", lambda found: self.render(found[1].strip()), value)
        return value

    def render(self, expression: str) -> str:
        """A name of the context, a param, and replacements: as much of Jinja as the files use."""
        name, *filters = [part.strip() for part in expression.split("|")]
        words = name.split(".")
        require(words[0] in self.context and len(words) <= 2, f"unknown template {expression}")
        value = self.context[words[0]]
        value = str(value if len(words) == 1 else value[words[1]])
        for one in filters:
            call = re.fullmatch(r"replace\('([^']*)', '([^']*)'\)", one)
            require(call is not None, f"unknown filter {one}")
            value = value.replace(call[1], call[2])
        return value


def command_line(arguments: list) -> None:
    require(all(isinstance(one, str) for one in arguments), f"{arguments} are not all strings")
    read = subprocess.run(
        [TRITMILL, "--validate-only", *arguments], capture_output=True, text=True, check=False
    )
    require(read.returncode == 0, f"{arguments}: {read.stderr}")


def check_compress(dag: stub.Dag, sensor: str) -> int:
    tasks = dag.tasks
    require([one for one in order(dag) if one in STEPS] == STEPS, f"steps are {order(dag)}")
    require(set(tasks) == {*STEPS, "arguments"}, f"tasks are {sorted(tasks)}")
    for before, after in itertools.pairwise(STEPS):
        require(before in tasks[after].upstream, f"{after} does not wait for {before}")
    waiting = tasks["wait_for_checkpoint"]
    require(type(waiting).__name__ == sensor and waiting.settings["deferrable"], "no such sensor")
    for name, retries in {"plan": 0, "compress": 2, "evaluate": 2, "verify": 0, "gate": 0}.items():
        require(tasks[name].settings["retries"] == retries, f"{name} is not tried {retries} times")
    require(tasks["publish"].settings["outlets"][0].name == "tritmill_compressed_models", "asset")
    lines = 0
    for conf in CONFS:
        directories = set()
        for run_id in RUN_IDS:
            run = Run(dag, conf, run_id)
            again = Run(dag, conf, run_id)
            for step in ["plan", "compress", "evaluate", "verify", "gate"]:
                settings = tasks[step].settings
                arguments = run.resolve(settings["application_args"])
                require(arguments == again.resolve(settings["application_args"]), "a retry differs")
                require(arguments[0] == step, f"{step} runs {arguments[0]}")
                command_line(arguments)
                lines += 1
                spark = run.resolve(settings["conf"])
                require(re.fullmatch("[0-9]+[mg]", spark["spark.executor.memory"]), f"{spark}")
                require(run.resolve(settings["name"]).endswith(run_id), "name")
            key, scheme = WAITS[sensor]
            awaited = run.resolve(waiting.settings[key])
            require(awaited.endswith("/config.json") and scheme not in awaited, awaited)
            directory = run.resolve(tasks["publish"].given["run"])
            require(directory.startswith(conf["output"].rstrip("/") + "/run_id="), directory)
            require(not set(directory.removeprefix(conf["output"])) & set(":+ "), directory)
            directories.add(directory)
        require(len(directories) == len(RUN_IDS), "two runs share a directory")
    return lines


def check_mistakes(dag: stub.Dag) -> int:
    for conf in MISTAKES:
        try:
            dag.resolve(conf)
        except stub.Refused:
            continue
        raise stub.Refused(f"params {conf} were taken")
    return len(MISTAKES)


def check_publish(dag: stub.Dag) -> None:
    told = "model recipe recipe_sha256 bits_per_weight bytes_out perplexity perplexity_ratio"
    summary = dict.fromkeys([*told.split(), "kl_divergence", "protocol", "dataset"], "x")
    with tempfile.TemporaryDirectory() as folder:
        run = f"file://{folder}"
        for gate, published in [(None, True), ("passed", True), ("perplexity is 9", False)]:
            pathlib.Path(folder, "summary.json").write_text(json.dumps({**summary, "gate": gate}))
            try:
                events = dag.tasks["publish"].call({}, lambda value: run)
                require(published and events[0].extra["run"] == run, "was published")
            except stub.AirflowFailException as failure:
                require(not published and "perplexity is 9" in str(failure), str(failure))


def check_nightly(nightly: stub.Dag, compress: stub.Dag) -> int:
    require(nightly.parameters["catchup"] is False, "nights that were missed are made up for")
    trigger = nightly.tasks["compress"]
    require(trigger.settings["trigger_dag_id"] == compress.dag_id, "another DAG is triggered")
    require(trigger.settings["reset_dag_run"], "a retry cannot begin again")
    mapped = [Run(nightly, {}, RUN_IDS[1]).resolve(trigger.mapped_over) for _ in range(2)]
    require(mapped[0] == mapped[1], "a retry triggers other runs")
    require(len({one["trigger_run_id"] for one in mapped[0]}) == len(mapped[0]), "ids are shared")
    for one in mapped[0]:
        stub.refuse_unknown("mapped", one, stub.TriggerDagRunOperator.templated)
        run = Run(compress, one["conf"], one["trigger_run_id"])
        command_line(run.resolve(compress.tasks["compress"].settings["application_args"]))
    return len(mapped[0])


def main() -> int:
    stub.install()
    try:
        lines = 0
        for kind, sensor in {"s3": "S3KeySensor", "file": "FileSensor"}.items():
            compress = load("tritmill_compress.py", TRITMILL_SENSOR=kind)
            lines += check_compress(compress, sensor)
        mistakes = check_mistakes(compress)
        check_publish(compress)
        models = check_nightly(load("tritmill_nightly.py"), compress)
    except stub.Refused as refused:
        print(f"check.py: {refused}", file=sys.stderr)
        return 1
    print(f"2 DAGs, {lines + models} command lines, {mistakes} wrong params: as they should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
