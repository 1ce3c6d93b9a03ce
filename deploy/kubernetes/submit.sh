#!/bin/sh
# Runs Tritmill on Kubernetes with spark-submit in cluster mode:
#
#   TRITMILL_IMAGE=registry/tritmill:0.1.0-SNAPSHOT TRITMILL_MASTER=k8s://https://host:6443 \
#     deploy/kubernetes/submit.sh [options of spark-submit] -- compress --model s3a://models/m \
#       --recipe ptqtp --output s3a://runs/m-ptqtp
#
# TRITMILL_NAMESPACE: default tritmill; rbac.yaml makes it and the account that drivers run as
#
# The driver's pod ends with the command's exit code; spark-submit prints it as "Exit code: N".
# Executors: take the --conf lines of `tritmill plan --cluster NxCcMg`.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
image=${TRITMILL_IMAGE:?names the image}
master=${TRITMILL_MASTER:?names the API server, k8s://https://HOST:PORT}
namespace=${TRITMILL_NAMESPACE:-tritmill}
submit=spark-submit
[ -z "${SPARK_HOME:-}" ] || submit=$SPARK_HOME/bin/spark-submit

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
if [ "$separated" = false ]; then
  echo "submit.sh: expected [options of spark-submit] -- COMMAND ..." >&2
  exit 2
fi

exec "$submit" --master "$master" --deploy-mode cluster \
  --class io.tritmill.jobs.Main --name tritmill \
  --properties-file "$here/../../conf/spark-defaults.conf" --load-spark-defaults \
  --conf spark.kubernetes.namespace="$namespace" \
  --conf spark.kubernetes.container.image="$image" \
  --conf spark.kubernetes.authenticate.driver.serviceAccountName=tritmill-driver \
  --conf spark.kubernetes.driver.podTemplateFile="$here/pod-template.yaml" \
  --conf spark.kubernetes.executor.podTemplateFile="$here/pod-template.yaml" \
  "$@"
