#!/bin/sh
# Runs Tritmill on a cluster. Options of spark-submit come first, then --, then the command:
#
#   deploy/submit.sh --master yarn --num-executors 8 --executor-memory 4g -- \
#     compress --model hdfs:///models/m --recipe ptqtp --output hdfs:///runs/m-ptqtp
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
for argument in "$@"; do
  shift
  if [ "$separated" = false ] && [ "$argument" = -- ]; then
    separated=true
    set -- "$@" "$jar"
  else
    set -- "$@" "$argument"
  fi
done
exec "$submit" --class io.tritmill.jobs.Main --name tritmill \
  --properties-file "$root/conf/spark-defaults.conf" --load-spark-defaults "$@"
