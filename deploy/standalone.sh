#!/bin/sh
# A standalone Spark cluster on this machine: a master and workers, each a JVM of its own, from the
# jars that the build has fetched. No Spark distribution is needed.
#
#   deploy/standalone.sh start [--dir DIR] [--workers N] [--cores N] [--memory 2g] [--port N]
#                              [--jars PATH:PATH...]
#   deploy/standalone.sh archive                 once a build, for a faster start of every part
#   deploy/standalone.sh status [--dir DIR]      state and process of each part; 1 if one is not up
#   deploy/standalone.sh executors [--dir DIR]   process ids of the executors
#   deploy/standalone.sh stop [--dir DIR]
#
# DIR (default: jobs/target/standalone, in an installation var/standalone) holds process ids, logs, the
# executors' folders, and home/, which is a SPARK_HOME: jars/ and bin/spark-submit. The last line that
# start prints is the master's address. So a run on the cluster is
#
#   deploy/standalone.sh start
#   SPARK_HOME=jobs/target/standalone/home deploy/submit.sh --master spark://localhost:7077 -- \
#     compress --model examples/demo-6m --recipe ptqtp --output runs/demo
#
# archive takes a minute: a cluster runs the bundled model, and the classes that its parts load are laid
# down as the JVM keeps them (jobs/target/standalone.jsa), which every later start reads.
#
# --workers 2, --cores 1 and --memory 1g are each worker's; --port 0 takes any free port; --jars adds
# to jars/, for file systems that Spark does not bring.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
build=$root/jobs/target
lib=$build/tritmill/lib
# In an installation there are no sources, and what is made lies beside its lib/.
if [ ! -f "$root/pom.xml" ]; then
  build=$root/var lib=$root/lib
fi
archive=$build/standalone.jsa
class_lists=

fail() {
  echo "tritmill: $1" >&2
  exit "${2:-1}"
}

action=${1:-}
[ $# -eq 0 ] || shift
dir=$build/standalone workers=2 cores=1 memory=1g port=7077 more_jars=
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1 needs a value" 2
  case $1 in
    --dir) dir=$2 ;;
    --workers) workers=$2 ;;
    --cores) cores=$2 ;;
    --memory) memory=$2 ;;
    --port) port=$2 ;;
    --jars) more_jars=$2 ;;
    *) fail "unknown option $1; see the head of this file" 2 ;;
  esac
  shift 2
done

# Whether the process that a file names is alive.
is_up() {
  [ -f "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null
}

# Makes the folder that Spark calls its home. It has no conf/, which stands on every class path: the
# JVM keeps no archive of classes for a path with a folder in it.
make_home() {
  # Nothing is removed that this script has not made: what it makes says so.
  [ ! -e "$dir/home" ] || grep -qs 'home that deploy/standalone.sh makes' "$dir/home/bin/spark-submit" ||
    fail "$dir/home was not made by this script, so it is left as it is; give another --dir" 6
  [ -f "$lib/tritmill.jar" ] || fail \
    "$lib/tritmill.jar is missing; build it with ./mvnw -q -B -DskipTests package"
  rm -rf "${dir:?}/home"
  mkdir -p "$dir/home/jars" "$dir/home/bin"
  ln -s "$lib"/*.jar "$lib"/s3a/*.jar "$dir/home/jars/"
  # What is submitted.
  rm "$dir/home/jars/tritmill.jar"
  saved_separators=$IFS
  IFS=:
  # Unquoted, so that the shell splits the list.
  for jar in $more_jars; do
    ln -sf "$jar" "$dir/home/jars/"
  done
  IFS=$saved_separators
  cp "$root/conf/log4j2.properties" "$dir/home/"
  cp "$here/spark-submit.sh" "$dir/home/bin/spark-submit"
  cp "$here/jdk.sh" "$dir/home/bin/"
  chmod +x "$dir/home/bin/spark-submit"
  if [ "$archive" -nt "$lib/tritmill.jar" ]; then
    ln -s "$archive" "$dir/home/classes.jsa"
  fi
}

# Starts a daemon: NAME CLASS [ARGUMENT...]; its log is NAME.log, its process id in NAME.pid. What
# stands in JDK_JAVA_OPTIONS holds for its executors too.
launch() {
  name=$1
  shift
  # Here, since the process may empty it only after await has read what the last one left.
  : >"$dir/$name.log"
  nohup "$JAVA_HOME/bin/java" "@$lib/java.options" -Xmx512m -cp "$(class_path)" "$@" \
    >"$dir/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}

# The class path as Spark's launcher writes it for drivers and executors.
class_path() {
  echo "$dir/home/conf:$(echo "$dir"/home/jars/slf4j-api-*.jar):$dir/home/jars/*"
}

# Options of daemons and executors, as JDK_JAVA_OPTIONS has them: quoted where a path may have spaces.
jvm_options() {
  options="\"-Dlog4j2.configurationFile=$dir/home/log4j2.properties\""
  if [ -n "$class_lists" ]; then
    options="$options \"-XX:DumpLoadedClassList=$class_lists/%p\""
  elif [ -e "$dir/home/classes.jsa" ]; then
    options="$options \"-XX:SharedArchiveFile=$dir/home/classes.jsa\" -Xlog:cds*=off"
  fi
  echo "${JDK_JAVA_OPTIONS:-} $options"
}

# Waits until a daemon's log has a line: NAME PATTERN.
await() {
  tries=0
  until grep -qs "$2" "$dir/$1.log"; do
    is_up "$dir/$1.pid" || fail "$1 ended while it started; its log is $dir/$1.log"
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "$1 is not up after 60 s; its log is $dir/$1.log"
    sleep 0.2
  done
}

start() {
  ! is_up "$dir/master.pid" || fail "a cluster runs in $dir already; stop it first"
  . "$root/deploy/jdk.sh"
  find_java || exit 127
  mkdir -p "$dir"
  dir=$(CDPATH='' cd -- "$dir" && pwd)
  make_home
  # A worker finds its jars by these two, and passes its own JAVA_HOME on to executors.
  export SPARK_HOME="$dir/home" SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}"
  JDK_JAVA_OPTIONS=$(jvm_options)
  export JDK_JAVA_OPTIONS
  launch master org.apache.spark.deploy.master.Master --host localhost --port "$port" --webui-port 0
  await master 'Starting Spark master at spark://'
  master=$(sed -n 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p' "$dir/master.log" | head -n 1)
  # Two names of this machine, since Spark tries a task that hangs again on another host alone.
  host=localhost other=127.0.0.1
  worker=1
  while [ "$worker" -le "$workers" ]; do
    launch "worker-$worker" org.apache.spark.deploy.worker.Worker --host "$host" --webui-port 0 \
      --cores "$cores" --memory "$memory" --work-dir "$dir/work-$worker" "$master"
    worker=$((worker + 1)) last=$host host=$other other=$last
  done
  worker=1
  while [ "$worker" -le "$workers" ]; do
    await "worker-$worker" 'Successfully registered with master'
    worker=$((worker + 1))
  done
  echo "$master" | tee "$dir/address"
}

status() {
  state=0
  [ -f "$dir/master.pid" ] || fail "no cluster was started in $dir"
  for pid in "$dir"/*.pid; do
    if is_up "$pid"; then
      echo "$(basename "$pid" .pid) up, process $(cat "$pid")"
    else
      echo "$(basename "$pid" .pid) down"
      state=1
    fi
  done
  return "$state"
}

executors() {
  for pid in "$dir"/worker-*.pid; do
    ! is_up "$pid" || pgrep -P "$(cat "$pid")" || true
  done
}

stop() {
  for pid in "$dir"/worker-*.pid "$dir/master.pid"; do
    ! is_up "$pid" || kill "$(cat "$pid")" 2>/dev/null || true
  done
  for pid in "$dir"/worker-*.pid "$dir/master.pid"; do
    tries=0
    while is_up "$pid"; do
      tries=$((tries + 1))
      [ "$tries" -lt 50 ] || kill -9 "$(cat "$pid")" 2>/dev/null || true
      sleep 0.2
    done
    rm -f "$pid"
  done
}

# Runs the bundled model with every part of the cluster noting its classes, and archives those, unless
# that was done since the build.
archive() {
  if [ "$archive" -nt "$lib/tritmill.jar" ]; then
    echo "$archive"
    return
  fi
  class_lists=$(mktemp -d)
  trap 'stop; rm -rf "$class_lists"' EXIT
  port=0
  start >/dev/null
  SPARK_HOME=$dir/home "$here/submit.sh" --master "$(cat "$dir/address")" --driver-memory 1g \
    --executor-memory 768m -- compress --model "$root/examples/demo-6m" --recipe ptqtp \
    --output "$class_lists/run" >"$dir/archive.log" 2>&1 ||
    fail "the run that is archived failed; its log is $dir/archive.log"
  stop
  # Classes of the application's own jar have another loader, and numbers differ between the lists.
  sed -e '/^#/d; /^@cp/d; / source: /d; s/ id: .*//' "$class_lists"/pid* | awk '!seen[$0]++' \
    >"$class_lists/all"
  unset JDK_JAVA_OPTIONS
  "$JAVA_HOME/bin/java" "@$lib/java.options" -Xshare:dump -Xlog:disable \
    "-XX:SharedClassListFile=$class_lists/all" "-XX:SharedArchiveFile=$archive" \
    -cp "$(class_path)" >>"$dir/archive.log" 2>&1 ||
    fail "the archive could not be written; the log is $dir/archive.log"
  echo "$archive"
}

case $action in
  start | archive | status | executors | stop) "$action" ;;
  *) fail "expected start, archive, status, executors or stop; see the head of this file" 2 ;;
esac
