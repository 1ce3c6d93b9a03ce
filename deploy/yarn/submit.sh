#!/bin/sh
# Runs Tritmill on YARN:
#
#   deploy/yarn/submit.sh [options of spark-submit] -- compress --model hdfs:///models/m \
#     --recipe ptqtp --output hdfs:///runs/m-ptqtp
#
# TRITMILL_JDK:    home of a JDK 25 on every node, where the nodes' own Java is older
# TRITMILL_QUEUE:  queue (default: default)
# TRITMILL_MODE:   client or cluster (default: client, whose exit code is that of the command; in
#                  cluster mode spark-submit exits with 1 whatever the reason, and the sentence
#                  stands in the driver's log: yarn logs -applicationId ID)
# TRITMILL_KEYTAB, TRITMILL_PRINCIPAL: for a run that outlives its Kerberos ticket
#
# Executors: take --num-executors, --executor-cores, --executor-memory from
# `tritmill plan --cluster NxCcMg`.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# The application master is not tried again by YARN: whoever started the run sees why it ended, and
# starts the same command again, which resumes. An executor may fail more often than that.
set -- --conf spark.yarn.maxAppAttempts=1 \
  --conf spark.executor.maxNumFailures=100 \
  --queue "${TRITMILL_QUEUE:-default}" \
  --deploy-mode "${TRITMILL_MODE:-client}" "$@"

if [ -n "${TRITMILL_JDK:-}" ]; then
  set -- --conf "spark.executorEnv.JAVA_HOME=$TRITMILL_JDK" \
    --conf "spark.yarn.appMasterEnv.JAVA_HOME=$TRITMILL_JDK" "$@"
fi
if [ -n "${TRITMILL_KEYTAB:-}" ]; then
  set -- --keytab "$TRITMILL_KEYTAB" --principal "${TRITMILL_PRINCIPAL:?names who the keytab is for}" "$@"
fi

exec "$here/../submit.sh" --master yarn "$@"
