# shellcheck shell=sh
# What the scripts that submit have in common; read by them, after jdk.sh.

# The last line of a script that could not do what it was told.
fail() {
  status=$1
  shift
  printf 'tritmill: %s\n' "$(printf %s "$*" | tr '[:cntrl:]' '?')" >&2
  exit "$status"
}

# Sets `submit` to spark-submit of Spark 4.2, and JAVA_HOME to a Java that runs it.
find_spark_submit() {
  find_java || exit 127
  if [ -z "${SPARK_HOME:-}" ]; then
    submit=$(command -v spark-submit) ||
      fail 127 "spark-submit is not on the PATH and SPARK_HOME is not set; set it to the folder of a" \
        "Spark 4.2, or to the home that deploy/standalone.sh start makes"
    return
  fi
  submit=$SPARK_HOME/bin/spark-submit
  [ -f "$submit" ] && [ -x "$submit" ] ||
    fail 127 "SPARK_HOME is $SPARK_HOME, which has no bin/spark-submit that this user may run; set it" \
      "to the folder of a Spark 4.2, or to the home that deploy/standalone.sh start makes"
  release=$(sed -n '1s/^Spark \([0-9.]*\).*/\1/p' "$SPARK_HOME/RELEASE" 2>/dev/null || true)
  case $release in
    '' | 4.2 | 4.2.*) ;;
    *) fail 3 "SPARK_HOME is $SPARK_HOME, a Spark $release; Tritmill is built for Spark 4.2" ;;
  esac
}

# Whether there is `--`, which parts spark-submit's options from the command, with a command behind it.
needs_command() {
  while [ $# -gt 0 ]; do
    [ "$1" != -- ] || { [ $# -gt 1 ] && return; }
    shift
  done
  fail 2 "expected [options of spark-submit] -- COMMAND ..., such as --master yarn -- plan --help"
}

# Makes a folder whose contents come and go; what stands there must have been made for this.
own_folder() {
  if [ -d "$1" ] && [ ! -e "$1/.tritmill" ] && [ -n "$(ls -A -- "$1")" ]; then
    fail 6 "$1 holds files, and was not made by this script, which removes some; give another --dir, or" \
      "remove it yourself"
  fi
  mkdir -p -- "$1"
  : >"$1/.tritmill"
}
