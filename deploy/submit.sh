#!/bin/sh
# Runs Tritmill on a cluster. Options of spark-submit come first, then --, then the command:
#
#   deploy/submit.sh --master yarn --num-executors 8 --executor-memory 4g -- \
#     compress --model hdfs:///models/m --recipe ptqtp --output hdfs:///runs/m-ptqtp
#
# Exits with the code of the command in client mode. In cluster mode a standalone master tells success
# or failure alone: 0 or 1; for YARN and Kubernetes see the scripts of theirs.
#
# Needs spark-submit of Spark 4.2 (SPARK_HOME, or on the PATH) and Java 25 on every machine; the one on
# this machine is looked for as the launcher does.
# Options that are worth a thought:
#
#   --executor-memory 4g         bounded by one block of the model, not by the model; `tritmill plan`
#                                prints what a model needs
#   --executor-cores 4           a task each; those that no task uses help the others
#   --conf spark.executor.memoryOverhead=1g
#                                what a JVM has outside its heap; setting it replaces the 20 % of
#                                conf/spark-defaults.conf
#   --conf spark.executorEnv.JAVA_HOME=/opt/jdk-25
#                                where the machines' own Java is older
#   --conf spark.dynamicAllocation.enabled=true
#   --conf spark.dynamicAllocation.shuffleTracking.enabled=true
#                                executors hold nothing that another could not do again
#   --driver-java-options -Dlog4j2.configurationFile=conf/log4j2.properties
#                                our log levels, where the driver runs on this machine
#   --conf spark.hadoop.fs.s3a.endpoint=...
#                                object stores; credentials through a provider, never here
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
jar=$root/lib/tritmill.jar
[ ! -f "$root/pom.xml" ] || jar=$root/jobs/target/tritmill.jar
. "$root/deploy/jdk.sh"
. "$root/deploy/spark.sh"

needs_command "$@"
find_spark_submit
[ -r "$jar" ] || fail 4 "$jar: cannot be read; build it with ./mvnw -q -B -DskipTests package, or" \
  "unpack the installation again"

# Our settings hold beside those of the cluster; options given here win over both. The arguments are
# turned round once: spark-submit's options, then the jar, then the command.
separated=false
master=
mode=
last=
for argument in "$@"; do
  shift
  if [ "$separated" = false ] && [ "$argument" = -- ]; then
    separated=true
    set -- "$@" "$jar"
    continue
  fi
  set -- "$@" "$argument"
  [ "$separated" = false ] || continue
  case $last=$argument in
    --master=*) master=$argument ;;
    --deploy-mode=*) mode=$argument ;;
    *spark.submit.deployMode=*) mode=${argument##*=} ;;
  esac
  case $argument in
    --master=*) master=${argument#*=} ;;
    --deploy-mode=*) mode=${argument#*=} ;;
  esac
  last=$argument
done
set -- --class io.tritmill.jobs.Main --name tritmill \
  --properties-file "$root/conf/spark-defaults.conf" --load-spark-defaults "$@"
case $mode,$master in
  cluster,spark://*) ;;
  *) exec "$submit" "$@" ;;
esac

# The client of a standalone master prints how the driver ended, and exits with 0 whatever it was.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/said"
"$submit" --conf spark.standalone.submit.waitAppCompletion=true "$@" >"$folder/said" 2>&1 &
client=$!
trap 'kill "$client" 2>/dev/null || true' HUP INT TERM
tee "$folder/log" <"$folder/said" >&2 &
# Waiting is what a signal interrupts.
wait $! || true
code=0
wait "$client" || code=$?
[ "$code" -eq 0 ] || exit "$code"
state=$(sed -n 's/.*State of driver [^ ]* is \([A-Z]*\).*/\1/p' "$folder/log" | tail -n 1)
case $state in
  FINISHED) ;;
  FAILED | KILLED | ERROR)
    fail 1 "the driver ended as $state; its last sentence and code stand in its log on the worker," \
      "which the master's page links to"
    ;;
  *)
    fail 1 "how the driver ended is not known: the master said ${state:-nothing}; its page lists the" \
      "drivers"
    ;;
esac
