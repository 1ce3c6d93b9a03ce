#!/bin/sh
# Runs Tritmill on YARN:
#
#   deploy/yarn/submit.sh [options of spark-submit] -- compress --model hdfs:///models/m \
#     --recipe ptqtp --output hdfs:///runs/m-ptqtp
#
# TRITMILL_JDK:    home of a JDK 25 on every node, where the nodes' own Java is older
# TRITMILL_QUEUE:  queue (default: default)
# TRITMILL_MODE:   client or cluster (default: client). Either way this script exits with the code of
#                  the command; in cluster mode spark-submit itself exits with 1 whatever the reason,
#                  the code stands in the application's diagnostics, and the sentence in the driver's
#                  log: yarn logs -applicationId ID
# TRITMILL_KEYTAB, TRITMILL_PRINCIPAL: for a run that outlives its Kerberos ticket
#
# Executors: take --num-executors, --executor-cores, --executor-memory from
# `tritmill plan --cluster NxCcMg`.
#
# Each submission uploads Spark's jars, 280 MB, unless they are on the cluster already: pack them once
# (jar cv0f spark.jar -C "$SPARK_HOME/jars" .), put them there (hdfs dfs -put spark.jar /spark/), and
# say --conf spark.yarn.archive=hdfs:///spark/spark.jar here.
#
# Driver and executors log as conf/log4j2.properties has it, which travels as --files; with --files of
# your own, name it among them.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# The application master is not tried again by YARN: whoever started the run sees why it ended, and
# starts the same command again, which resumes. An executor may fail more often than that.
# Model and data are looked at before the session opens: the application master waits for it.
mode=${TRITMILL_MODE:-client}
set -- --conf spark.yarn.maxAppAttempts=1 \
  --conf spark.executor.maxNumFailures=100 \
  --conf spark.yarn.am.waitTime=1h \
  --files "$here/../../conf/log4j2.properties" \
  --queue "${TRITMILL_QUEUE:-default}" \
  --deploy-mode "$mode" "$@"

if [ -n "${TRITMILL_JDK:-}" ]; then
  set -- --conf "spark.executorEnv.JAVA_HOME=$TRITMILL_JDK" \
    --conf "spark.yarn.appMasterEnv.JAVA_HOME=$TRITMILL_JDK" "$@"
fi
if [ -n "${TRITMILL_KEYTAB:-}" ]; then
  set -- --keytab "$TRITMILL_KEYTAB" --principal "${TRITMILL_PRINCIPAL:?names who the keytab is for}" "$@"
fi

if [ "$mode" != cluster ]; then
  exec "$here/../submit.sh" --master yarn "$@"
fi

# What spark-submit says is passed on and kept, since the code of the command stands in it alone.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/pipe"
tee "$folder/said" <"$folder/pipe" >&2 &
passing=$!
"$here/../submit.sh" --master yarn "$@" 2>"$folder/pipe" &
submitting=$!
trap 'kill "$submitting" 2>/dev/null' INT TERM
code=0
wait "$submitting" || code=$?
wait "$passing"
own=$(sed -n 's/.*User application exited with [a-z]* *\([0-9][0-9]*\).*/\1/p' "$folder/said" | tail -n 1)
if [ "$code" -ne 0 ]; then
  reason=$(sed -n 's/.*\(User application exited\|Failed to submit application\|Required executor\)/\1/p' \
    "$folder/said" | head -n 1)
  echo "submit.sh: the application failed: ${reason:-the reason stands above}" >&2
fi
exit "${own:-$code}"
