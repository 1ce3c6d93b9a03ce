#!/bin/sh
# Runs Tritmill on a cluster. Options of spark-submit come first, then --, then the command:
#
#   deploy/submit.sh --master yarn --num-executors 8 --executor-memory 4g -- \
#     compress --model hdfs:///models/m --recipe ptqtp --output hdfs:///runs/m-ptqtp
#
# Needs spark-submit of Spark 4.2 (SPARK_HOME, or on the PATH) and a JDK 25 on every machine.
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
submit=spark-submit
[ -z "${SPARK_HOME:-}" ] || submit=$SPARK_HOME/bin/spark-submit

if [ ! -f "$jar" ]; then
  echo "submit.sh: $jar is missing; build it with ./mvnw -q -B -DskipTests package" >&2
  exit 1
fi

# Our settings hold beside those of the cluster; options given here win over both. The arguments are
# turned round once: spark-submit's options, then the jar, then the command.
separated=false
for argument in "$@"; do
  shift
  if [ "$separated" = false ] && [ "$argument" = -- ]; then
    separated=true
    set -- "$@" "$jar"
  else
    set -- "$@" "$argument"
  fi
done
if [ "$separated" = false ]; then
  echo "submit.sh: expected [options of spark-submit] -- COMMAND ..." >&2
  exit 2
fi
exec "$submit" --class io.tritmill.jobs.Main --name tritmill \
  --properties-file "$root/conf/spark-defaults.conf" --load-spark-defaults "$@"
