#!/usr/bin/env bash
# Kills an executor or the driver at a random moment of a run, starts the same command again until
# it ends, compares the packed model with that of an undisturbed run, and prints a table.
#
#   deploy/soak.sh [--runs N] [--seed N] [--kill executor|driver|both] [--dir DIR] -- \
#     compress --model M --recipe R [--calibration D]
#
# --runs 10, --seed 1, --kill both, --dir jobs/target/soak. The cluster is that of
# deploy/standalone.sh, of two workers of one core each; --output is added to the command. What is
# compared with is a run in local mode with vector kernels; the cluster computes with scalar ones,
# whose bits are the same and whose start is quick. Moments are drawn from the time that a run takes
# on the cluster, from its executors' start to its end. Where two runs were killed and did not end
# alike, their directories and logs stay. The exit code is 0 when all ended with the same bytes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
. "$root/deploy/jdk.sh"
. "$root/deploy/spark.sh"
runs=10 seed=1 kill=both dir=$root/jobs/target/soak
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  [ $# -gt 1 ] || fail 2 "$1 needs a value"
  case $1 in
    --runs) runs=$2 ;;
    --seed) seed=$2 ;;
    --kill) kill=$2 ;;
    --dir) dir=$2 ;;
    *) fail 2 "unknown option $1; see the head of this file" ;;
  esac
  shift 2
done
[ $# -gt 1 ] || fail 2 "expected [options] -- compress ..."
shift
command=("$@")
RANDOM=$seed

find_java || exit 127
own_folder "$dir"
dir=$(cd "$dir" && pwd)
# Each run starts three JVMs anew, which read their classes from an archive.
"$here/standalone.sh" archive --dir "$dir/archive" >"$dir/address"
"$here/standalone.sh" start --dir "$dir/cluster" --port 0 >"$dir/address"
trap '"$here/standalone.sh" stop --dir "$dir/cluster"' EXIT
master=$(cat "$dir/address")
driver=

quick="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable"
logging=-Dlog4j2.configurationFile=file:$root/conf/log4j2.properties

export SPARK_HOME=$dir/cluster/home
submit=("$here/submit.sh" --driver-memory 1g --executor-memory 1g
  --conf spark.ui.enabled=false --conf spark.sql.codegen.wholeStage=false
  --conf spark.sql.codegen.factoryMode=NO_CODEGEN)

# Starts the command on run directory $1 and leaves the driver's process id in $driver.
begin() {
  "${submit[@]}" --master "$master" \
    --driver-java-options "$quick $logging" \
    --conf "spark.executor.extraJavaOptions=$quick -Dtritmill.simd=scalar" \
    -- "${command[@]}" --output "$1" >>"$1.log" 2>&1 &
  driver=$!
}

digest() {
  (cd "$1/model" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c 1-16)
}

# Milliseconds since 1970.
now() {
  date +%s%3N
}

# Waits until the driver has asked for executors, or has ended.
await_application() {
  until grep -qs 'is now RUNNING' "$1.log" || ! kill -0 "$driver" 2>/dev/null; do
    sleep 0.05
  done
}

rm -rf "$dir"/run-* "$dir"/undisturbed* "$dir"/local*
"${submit[@]}" --master 'local[2]' \
  --driver-java-options "-Xlog:disable $logging" \
  -- "${command[@]}" --output "$dir/local" >"$dir/local.log" 2>&1 ||
  fail 1 "the run in local mode failed; see $dir/local.log"
expected=$(digest "$dir/local")
begin "$dir/undisturbed"
await_application "$dir/undisturbed"
began=$(now)
wait "$driver" || fail 1 "the undisturbed run failed; see $dir/undisturbed.log"
span=$(($(now) - began))
[ "$(digest "$dir/undisturbed")" = "$expected" ] ||
  fail 1 "undisturbed, the cluster's bytes are not those of local mode"

echo "# $(date -u +%F), ${command[*]}, undisturbed: $span ms, digest $expected"
echo "| run | killed | at | bands then | starts | ended | digest | same |"
echo "|---|---|---|---|---|---|---|---|"
same=0
for run in $(seq "$runs"); do
  output=$dir/run-$run
  victim=$kill
  if [ "$kill" = both ]; then
    [ $((RANDOM % 2)) = 0 ] && victim=executor || victim=driver
  fi
  at=$((RANDOM * 32768 + RANDOM))
  at=$((at % span))
  begin "$output"
  await_application "$output"
  sleep "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))"
  bands=$(grep -c ' ETA ' "$output.log" || true)
  killed=none
  if [ "$victim" = driver ]; then
    kill -9 "$driver" 2>/dev/null && killed=driver
  else
    mapfile -t executors < <("$here/standalone.sh" executors --dir "$dir/cluster")
    if [ "${#executors[@]}" -gt 0 ]; then
      kill -9 "${executors[RANDOM % ${#executors[@]}]}" 2>/dev/null && killed=executor
    fi
  fi
  starts=1
  until wait "$driver" 2>/dev/null; do
    [ "$starts" -lt 5 ] || break
    starts=$((starts + 1))
    begin "$output"
  done
  if kill -0 "$driver" 2>/dev/null || [ ! -f "$output/_SUCCESS" ]; then
    ended=no found=-
  else
    ended=yes found=$(digest "$output")
  fi
  answer=no
  if [ "$found" = "$expected" ]; then
    answer=yes
    same=$((same + 1))
    rm -rf "$output" "$output.log"
  fi
  echo "| $run | $killed | $at ms | $bands | $starts | $ended | $found | $answer |"
done
echo "$same of $runs ended with the bytes of the undisturbed run"
[ "$same" = "$runs" ]
