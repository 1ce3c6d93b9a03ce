#!/usr/bin/env bash
# Spark's bin/spark-submit, for the home that deploy/standalone.sh makes: asks Spark's launcher for
# the command that starts a driver, and becomes it.
set -euo pipefail

SPARK_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export SPARK_HOME SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}"
# shellcheck source=deploy/jdk.sh
. "$SPARK_HOME/bin/jdk.sh"
find_java || exit 127
java=$JAVA_HOME/bin/java

# The launcher prints lines for people, a line with a NUL, then the command's words, each ended by a
# NUL, and last the exit code that is added here.
words=()
started=false
delimiter=$'\n'
while IFS= read -r -d "$delimiter" word; do
  if [ "$started" = true ]; then
    words+=("$word")
  elif [ "$word" = $'\0' ]; then
    started=true
    delimiter=
  elif [ -n "$word" ]; then
    echo "$word" >&2
  fi
done < <(
  "$java" -Xmx128m -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main \
    org.apache.spark.deploy.SparkSubmit "$@" && printf '0\0' || printf '%d\0' $?
)

count=${#words[@]}
if [ "$count" -eq 0 ] || [ "${words[count - 1]}" != 0 ]; then
  echo "spark-submit: the launcher failed; the reason stands above" >&2
  exit 1
fi
# The driver's log, and the archive of classes where there is one, before Spark's own options.
options=("-Dlog4j2.configurationFile=$SPARK_HOME/log4j2.properties")
if [ -e "$SPARK_HOME/classes.jsa" ]; then
  options+=("-XX:SharedArchiveFile=$SPARK_HOME/classes.jsa" "-Xlog:cds*=off")
fi
exec "${words[0]}" "${options[@]}" "${words[@]:1:count-2}"
