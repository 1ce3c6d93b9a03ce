#!/usr/bin/env bash
# Runs a command on one executor, then on more, all of one core, and prints how much faster it was.
#
#   deploy/scaling.sh [--executors "1 2"] [--rounds N] [--memory 1664m] [--dir DIR] -- \
#     compress --model M --recipe R
#
# --executors "1 2", --rounds 1, --memory 1664m for an executor, --dir jobs/target/scaling. M is a
# local folder and R a recipe that learns from no data; --output is added. The cluster is that of
# deploy/standalone.sh. Everything that a run starts, master, workers and driver too, has as many cores
# of this machine as there are executors, so that one executor gets no help from idle cores.
#
# Three times are compared, in a row for each run and with the ratio to the first run of its round:
# of the whole command; of the job that quantizes, which begins while executors start; and megabytes a
# second that this job has read from when each executor has ended its first task, which compiles the
# kernels, until the first one has ended its last. Nothing else may run on the machine.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
. "$root/deploy/jdk.sh"
. "$root/deploy/spark.sh"
counts="1 2" rounds=1 memory=1664m dir=$root/jobs/target/scaling
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  [ $# -gt 1 ] || fail 2 "$1 needs a value"
  case $1 in
    --executors) counts=$2 ;;
    --rounds) rounds=$2 ;;
    --memory) memory=$2 ;;
    --dir) dir=$2 ;;
    *) fail 2 "unknown option $1; see the head of this file" ;;
  esac
  shift 2
done
[ $# -gt 1 ] || fail 2 "expected [options] -- compress ..."
shift
command=("$@")

find_java || exit 127
own_folder "$dir"
dir=$(cd "$dir" && pwd)
"$here/standalone.sh" archive --dir "$dir/archive" >"$dir/address"
trap '"$here/standalone.sh" stop --dir "$dir/cluster"' EXIT

# Milliseconds since 1970.
now() {
  date +%s%3N
}

# Runs the command on $1 executors; leaves its log of events in $dir/events and its time in $took.
measure() {
  cores=0-$(($1 - 1))
  rm -rf "$dir/events" "$dir/run"
  mkdir "$dir/events"
  taskset -c "$cores" "$here/standalone.sh" start --dir "$dir/cluster" --port 0 \
    --workers "$1" --cores 1 --memory "$memory" >"$dir/address"
  began=$(now)
  # The collector that the JVM takes by itself where an executor has a machine or container of one core.
  SPARK_HOME=$dir/cluster/home taskset -c "$cores" "$here/submit.sh" --master "$(cat "$dir/address")" \
    --driver-memory 1g --executor-memory "$memory" \
    --conf spark.executor.extraJavaOptions=-XX:+UseSerialGC \
    --conf spark.eventLog.enabled=true --conf "spark.eventLog.dir=file://$dir/events" \
    --conf spark.eventLog.compress=false --conf spark.eventLog.rolling.enabled=false \
    -- "${command[@]}" --output "$dir/run" >"$dir/log" 2>&1 ||
    fail 1 "the run failed; see $dir/log"
  took=$(($(now) - began))
  "$here/standalone.sh" stop --dir "$dir/cluster"
}

# Milliseconds of the job that quantizes, and the megabytes a second that are told of above.
job() {
  awk '
    function number(name) {
      if (!match($0, "\"" name "\":[0-9]+")) return 0
      return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0
    }
    /"SparkListenerJobStart"/ && /"spark.job.description":"quantize / {
      job = number("Job ID"); began = number("Submission Time")
      match($0, /"Stage IDs":\[[0-9]+/); stage = substr($0, RSTART + 13, RLENGTH - 13) + 0
    }
    /"SparkListenerJobEnd"/ && number("Job ID") == job { ended = number("Completion Time") }
    /"SparkListenerTaskEnd"/ && number("Stage ID") == stage {
      match($0, /"Executor ID":"[^"]*/); executor = substr($0, RSTART, RLENGTH)
      launch[++tasks] = number("Launch Time"); finish[tasks] = number("Finish Time")
      bytes[tasks] = number("Bytes Read")
      if (!(executor in first) || finish[tasks] < first[executor]) first[executor] = finish[tasks]
      if (finish[tasks] > last[executor]) last[executor] = finish[tasks]
    }
    END {
      from = 0; to = ended
      for (executor in first) {
        if (first[executor] > from) from = first[executor]
        if (last[executor] < to) to = last[executor]
      }
      for (task = 1; task <= tasks; task++) {
        a = launch[task] > from ? launch[task] : from
        b = finish[task] < to ? finish[task] : to
        if (b > a) read += bytes[task] * (b - a) / (finish[task] - launch[task])
      }
      print ended - began, (to > from ? read / 1000 / (to - from) : 0)
    }' "$dir"/events/*
}

echo "# $(date -u +%F), ${command[*]}"
echo "| executors | command, s | ratio | job, s | ratio | once compiled, MB/s | ratio |"
echo "|---|---|---|---|---|---|---|"
for _ in $(seq "$rounds"); do
  base=
  for count in $counts; do
    measure "$count"
    found="$took $(job)"
    base=${base:-$found}
    echo "$count $found $base" | awk '{
      printf "| %d | %.1f | %.2f | %.1f | %.2f | %.0f | %.2f |\n",
        $1, $2 / 1000, $5 / $2, $3 / 1000, $6 / $3, $4, ($7 ? $4 / $7 : 0)
    }'
  done
done
