"""The part of Airflow 3 that the DAG files use, without Airflow: it takes the parameters that the
real one takes, and refuses every other name.

Names are those of Airflow's task SDK and of its Spark, standard and Amazon providers of 2026.
"""

from __future__ import annotations

import inspect
import itertools
import json
import pathlib
import re
import sys
import types

BASE_OPERATOR = set(
    """task_id owner email email_on_retry email_on_failure retries retry_delay
    retry_exponential_backoff max_retry_delay retry_policy start_date end_date depends_on_past
    depends_on_previous_tasks ignore_first_depends_on_past wait_for_past_depends_before_skipping
    wait_for_downstream dag params default_args priority_weight weight_rule queue pool pool_slots
    execution_timeout on_execute_callback on_failure_callback on_success_callback on_retry_callback
    on_skipped_callback pre_execute post_execute trigger_rule resources run_as_user
    map_index_template max_active_tis_per_dag max_active_tis_per_dagrun executor executor_config
    do_xcom_push multiple_outputs inlets outlets task_group doc doc_md doc_json doc_yaml doc_rst
    task_display_name logger_name allow_nested_operators render_template_as_native_obj""".split()
)
SENSOR = BASE_OPERATOR | set(
    """poke_interval timeout soft_fail mode exponential_backoff max_wait silent_fail
    never_fail""".split()
)
DAG_PARAMETERS = set(
    """dag_id description schedule start_date end_date template_searchpath template_undefined
    user_defined_macros user_defined_filters default_args max_active_tasks max_active_runs
    max_consecutive_failed_dag_runs dagrun_timeout deadline catchup on_success_callback
    on_failure_callback doc_md params access_control is_paused_upon_creation
    jinja_environment_kwargs render_template_as_native_obj tags owner_links auto_register fail_fast
    dag_display_name disable_bundle_versioning""".split()
)
SCHEMA = set(
    """type enum pattern minimum maximum minLength maxLength items minItems properties required
    title format""".split()
)
CONTEXT = set("params run_id logical_date dag_run ti task_instance ds ts".split())


class Refused(Exception):
    """Something that Airflow would not take."""


DAGS: list[Dag] = []


class Dag:
    def __init__(self, parameters: dict):
        refuse_unknown("dag", parameters, DAG_PARAMETERS)
        self.dag_id = parameters["dag_id"]
        self.parameters = parameters
        self.params = parameters.get("params", {})
        self.defaults = parameters.get("default_args", {})
        refuse_unknown("default_args", self.defaults, BASE_OPERATOR)
        self.tasks: dict[str, Task] = {}
        if parameters.get("schedule") is not None:
            self.resolve({})

    def resolve(self, conf: dict) -> dict:
        """What a run is given: defaults, and the values of its conf, all of them valid."""
        refuse_unknown(self.dag_id + " conf", conf, self.params)
        values = {name: conf.get(name, param.default) for name, param in self.params.items()}
        for name, value in values.items():
            validate(f"{self.dag_id}: param {name}", value, self.params[name].schema)
        return values


class Task:
    """An operator with its settings, or a function."""

    allowed: set[str] = BASE_OPERATOR
    required: set[str] = set()
    templated: set[str] = set()

    def __init__(self, **settings):
        kind = type(self).__name__
        refuse_unknown(kind, settings, self.allowed)
        for name in self.required - set(settings):
            raise Refused(f"{kind} needs {name}")
        self.dag = DAGS[-1]
        self.settings = {**self.dag.defaults, **settings}
        self.task_id = settings.get("task_id") or ""
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,250}", self.task_id):
            raise Refused(f"'{self.task_id}' is no task_id")
        if self.task_id in self.dag.tasks:
            raise Refused(f"{self.task_id} stands twice in {self.dag.dag_id}")
        self.upstream: set[str] = set()
        for name, value in settings.items():
            if has_template(value) and name not in self.templated:
                raise Refused(f"{kind} {self.task_id}: {name} is not templated")
            self.upstream |= {origin.task.task_id for origin in outputs_in(value)}
        self.dag.tasks[self.task_id] = self


class SparkSubmitOperator(Task):
    allowed = BASE_OPERATOR | set(
        """application conf conn_id files py_files archives driver_class_path jars java_class
        packages exclude_packages repositories total_executor_cores executor_cores executor_memory
        driver_memory keytab principal proxy_user name num_executors status_poll_interval
        application_args env_vars verbose spark_binary properties_file yarn_queue deploy_mode
        use_krb5ccache post_submit_commands track_driver_via_k8s_api yarn_track_via_rm_api
        yarn_rm_auth openlineage_inject_parent_job_info openlineage_inject_transport_info
        durable""".split()
    )
    required = {"application", "java_class", "name"}
    templated = set(
        """application conf files py_files jars driver_class_path packages exclude_packages keytab
        principal proxy_user name application_args env_vars post_submit_commands
        properties_file""".split()
    )


class S3KeySensor(Task):
    allowed = SENSOR | set(
        """bucket_key bucket_name wildcard_match check_fn verify deferrable use_regex metadata_keys
        aws_conn_id region_name botocore_config""".split()
    )
    required = {"bucket_key"}
    templated = {"bucket_key", "bucket_name", "aws_conn_id", "region_name", "verify"}


class FileSensor(Task):
    allowed = SENSOR | set(
        "filepath fs_conn_id recursive deferrable start_from_trigger trigger_kwargs".split()
    )
    required = {"filepath"}
    templated = {"filepath"}


class TriggerDagRunOperator(Task):
    allowed = BASE_OPERATOR | set(
        """trigger_dag_id trigger_run_id conf logical_date reset_dag_run wait_for_completion
        poke_interval allowed_states failed_states skip_when_already_exists fail_when_dag_is_paused
        deferrable""".split()
    )
    templated = {"trigger_dag_id", "trigger_run_id", "logical_date", "conf"}

    @classmethod
    def partial(cls, **settings) -> Partial:
        refuse_unknown(cls.__name__, settings, cls.allowed)
        return Partial(cls, settings)


class Partial:
    def __init__(self, operator, settings):
        self.operator, self.settings = operator, settings

    def expand_kwargs(self, kwargs: Output) -> Task:
        if not isinstance(kwargs, Output):
            raise Refused("expand_kwargs takes the output of a task, or a list")
        mapped = self.operator(**self.settings)
        mapped.upstream.add(kwargs.task.task_id)
        mapped.mapped_over = kwargs
        return mapped


class FunctionTask(Task):
    def __init__(self, function, given, **settings):
        self.function, self.given = function, given
        super().__init__(task_id=function.__name__, **settings)
        self.upstream |= {origin.task.task_id for origin in outputs_in(given)}

    def call(self, context: dict, resolve):
        arguments = {name: resolve(value) for name, value in self.given.items()}
        for name in inspect.signature(self.function).parameters:
            if name not in arguments:
                if name not in CONTEXT:
                    raise Refused(f"{self.task_id}: nothing is given for {name}")
                arguments[name] = context[name]
        result = self.function(**arguments)
        return list(result) if inspect.isgenerator(result) else result


class Output:
    """What a task returns, or one key of it."""

    def __init__(self, task: FunctionTask, key: str | None = None):
        self.task, self.key = task, key

    def __getitem__(self, key: str) -> Output:
        if not self.task.settings.get("multiple_outputs"):
            raise Refused(f"{self.task.task_id} has one output, not one called {key}")
        return Output(self.task, key)


class Param:
    def __init__(self, default=None, description=None, **schema):
        refuse_unknown("Param", schema, SCHEMA)
        json.dumps([default, schema])
        self.default, self.description, self.schema = default, description, schema


class Asset:
    def __init__(self, name, uri=None, *, group="asset", extra=None, watchers=None):
        self.name, self.uri, self.extra = name, uri or name, extra


class Metadata:
    def __init__(self, asset, extra=None, alias=None):
        json.dumps(extra)
        self.asset, self.extra, self.alias = asset, extra, alias


class ObjectStoragePath:
    """Paths of this machine alone."""

    def __init__(self, path, *, conn_id=None):
        self.path = pathlib.Path(str(path).removeprefix("file://"))

    def __truediv__(self, name: str) -> ObjectStoragePath:
        return ObjectStoragePath(self.path / name)

    def read_text(self) -> str:
        return self.path.read_text()


class AirflowFailException(Exception):
    pass


def task(function=None, **settings):
    def decorate(decorated):
        def call(*positional, **named):
            given = inspect.signature(decorated).bind_partial(*positional, **named).arguments
            return Output(FunctionTask(decorated, dict(given), **settings))

        return call

    return decorate(function) if function else decorate


def dag(**parameters):
    def decorate(function):
        def call():
            DAGS.append(Dag(parameters))
            function()

        return call

    return decorate


def chain(*tasks):
    ordered = [one.task if isinstance(one, Output) else one for one in tasks]
    for before, after in itertools.pairwise(ordered):
        after.upstream.add(before.task_id)


def refuse_unknown(what: str, given, known):
    for name in given:
        if name not in known:
            raise Refused(f"{what} has no parameter {name}")


def has_template(value) -> bool:
    if isinstance(value, dict):
        return any(has_template(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_template(one) for one in value)
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def outputs_in(value) -> list[Output]:
    if isinstance(value, Output):
        return [value]
    if isinstance(value, dict):
        return [found for one in value.values() for found in outputs_in(one)]
    if isinstance(value, (list, tuple)):
        return [found for one in value for found in outputs_in(one)]
    return []


def validate(what: str, value, schema: dict):
    """The part of JSON Schema that the files use; every other word is refused."""
    refuse_unknown(what, schema, SCHEMA)
    kinds = {
        "string": str,
        "array": list,
        "object": dict,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    kind = schema.get("type")
    if kind and (
        not isinstance(value, kinds[kind]) or isinstance(value, bool) != (kind == "boolean")
    ):
        raise Refused(f"{what} is {value!r}, expected a value of type {kind}")
    if "enum" in schema and value not in schema["enum"]:
        raise Refused(f"{what} is {value!r}, expected one of {schema['enum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Refused(f"{what} is {value!r}, expected {schema['pattern']}")
    if "minimum" in schema and value < schema["minimum"]:
        raise Refused(f"{what} is {value}, expected at least {schema['minimum']}")
    if "minLength" in schema and len(value) < schema["minLength"]:
        raise Refused(f"{what} is too short")
    if "minItems" in schema and len(value) < schema["minItems"]:
        raise Refused(f"{what} has too few items")
    for one in value if "items" in schema else []:
        validate(what, one, schema["items"])
    for name in schema.get("required", []):
        if name not in value:
            raise Refused(f"{what} has no {name}")
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            validate(f"{what}.{name}", value[name], inner)


def install():
    """Makes `import airflow...` find the stub, and nothing else of Airflow."""
    names = {
        "airflow": [],
        "airflow.sdk": [Asset, Metadata, ObjectStoragePath, Param, chain, dag, task],
        "airflow.sdk.exceptions": [AirflowFailException],
        "airflow.providers": [],
        "airflow.providers.apache": [],
        "airflow.providers.apache.spark": [],
        "airflow.providers.apache.spark.operators": [],
        "airflow.providers.apache.spark.operators.spark_submit": [SparkSubmitOperator],
        "airflow.providers.amazon": [],
        "airflow.providers.amazon.aws": [],
        "airflow.providers.amazon.aws.sensors": [],
        "airflow.providers.amazon.aws.sensors.s3": [S3KeySensor],
        "airflow.providers.standard": [],
        "airflow.providers.standard.operators": [],
        "airflow.providers.standard.operators.trigger_dagrun": [TriggerDagRunOperator],
        "airflow.providers.standard.sensors": [],
        "airflow.providers.standard.sensors.filesystem": [FileSensor],
    }
    for name, contents in names.items():
        module = types.ModuleType(name)
        module.__path__ = []
        for one in contents:
            setattr(module, one.__name__, one)
        sys.modules[name] = module
