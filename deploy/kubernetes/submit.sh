#!/bin/sh
# Runs Tritmill on Kubernetes with spark-submit in cluster mode:
#
#   TRITMILL_IMAGE=registry/tritmill:0.1.0-SNAPSHOT TRITMILL_MASTER=k8s://https://host:6443 \
#     deploy/kubernetes/submit.sh [options of spark-submit] -- compress --model s3a://models/m \
#       --recipe ptqtp --output s3a://runs/m-ptqtp
#
# TRITMILL_NAMESPACE: default tritmill; rbac.yaml makes it and the account that drivers run as
#
# The exit code is that with which the driver's container ended, as `docs/operations.md` lists them, and
# 1 where it is not known. All that spark-submit prints goes to stderr; the command's own output stands
# in the driver's log. Stopped here, the run goes on: `kubectl delete pod` ends it.
# Executors: take the --conf lines of `tritmill plan --cluster NxCcMg`.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
. "$root/deploy/jdk.sh"
. "$root/deploy/spark.sh"

needs_command "$@"
image=${TRITMILL_IMAGE:-}
master=${TRITMILL_MASTER:-}
namespace=${TRITMILL_NAMESPACE:-tritmill}
[ -n "$image" ] || fail 2 "TRITMILL_IMAGE is not set; it names the image, such as registry/tritmill:0.1"
case $master in
  k8s://?*) ;;
  *) fail 2 "TRITMILL_MASTER is '$master', expected the API server's address, k8s://https://HOST:PORT" ;;
esac
find_spark_submit

# Options first, then the jar in the image, then the command.
separated=false
for argument in "$@"; do
  shift
  if [ "$separated" = false ] && [ "$argument" = -- ]; then
    separated=true
    set -- "$@" local:///opt/tritmill/tritmill.jar
  else
    set -- "$@" "$argument"
  fi
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/said"
"$submit" --master "$master" --deploy-mode cluster \
  --class io.tritmill.jobs.Main --name tritmill \
  --properties-file "$root/conf/spark-defaults.conf" --load-spark-defaults \
  --conf spark.kubernetes.namespace="$namespace" \
  --conf spark.kubernetes.container.image="$image" \
  --conf spark.kubernetes.authenticate.driver.serviceAccountName=tritmill-driver \
  --conf spark.kubernetes.driver.podTemplateFile="$here/pod-template.yaml" \
  --conf spark.kubernetes.executor.podTemplateFile="$here/pod-template.yaml" \
  --conf spark.kubernetes.submission.waitAppCompletion=true \
  "$@" >"$folder/said" 2>&1 &
client=$!
trap 'kill "$client" 2>/dev/null || true' HUP INT TERM

# spark-submit exits with 0 whatever became of the driver, and prints how each container has ended. Ours
# has the name that the pod template gives it; others may stand beside it.
awk -v file="$folder/code" '
  { print; fflush() }
  /^[ \t]*container name:/ { ours = $3 ~ /^spark-kubernetes-/ }
  /^[ \t]*exit code:/ && (ours || !known) { code = $3; known = ours }
  END { print code >file }' "$folder/said" >&2 &
# Waiting is what a signal interrupts.
wait $! || true
status=0
wait "$client" || status=$?
code=$(cat "$folder/code" 2>/dev/null || true)
case $code in
  '' | *[!0-9]*)
    [ "$status" -ne 0 ] || status=1
    fail "$status" "how the driver ended is not known: spark-submit named no exit code of its container;" \
      "kubectl -n $namespace get pods -l spark-role=driver shows it"
    ;;
esac
exit "$code"
