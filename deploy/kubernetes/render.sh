#!/usr/bin/env bash
# Writes what each overlay amounts to into rendered/, which is checked in: to be read, tested and applied as it is.
# Needs kubectl. With --check it writes nothing and ends with 1 where a file is out of date.
set -euo pipefail
cd "$(dirname "$0")"
status=0
for overlay in small production; do
  if [[ "${1:-}" == --check ]]; then
    kubectl kustomize "overlays/$overlay" | diff -u "rendered/$overlay.yaml" - || status=1
  else
    kubectl kustomize "overlays/$overlay" > "rendered/$overlay.yaml"
  fi
done
[[ $status == 0 ]] || echo 'rendered/ is out of date: run deploy/kubernetes/render.sh' >&2
exit $status
