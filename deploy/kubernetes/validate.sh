#!/usr/bin/env bash
# Holds the rendered manifests to the schemas of Kubernetes, unknown fields included, with kubernetes-validate from PyPI
# (it carries the schemas: no network after the first run). Needs python3. Some seconds.
#   deploy/kubernetes/validate.sh [VERSION of Kubernetes, 1.33 unless told]
set -euo pipefail
cd "$(dirname "$0")"
version="${1:-1.33}"
tools="${XDG_CACHE_HOME:-$HOME/.cache}/chartledger/kubernetes-validate"
if [[ ! -x "$tools/bin/kubernetes-validate" ]]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet 'kubernetes-validate==1.37.0'
fi
if command -v kubectl > /dev/null; then ./render.sh --check; else echo 'kubectl is not installed: rendered/ is taken as it is' >&2; fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for file in rendered/*.yaml; do
  # Custom resources have no schema there.
  "$tools/bin/python" - "$file" "$work/$(basename "$file")" << 'PYTHON'
import sys, yaml
groups = {'v1', 'apps', 'autoscaling', 'networking.k8s.io', 'policy'}
with open(sys.argv[1]) as source, open(sys.argv[2], 'w') as target:
    documents = list(yaml.safe_load_all(source))
    core = [document for document in documents if document['apiVersion'].split('/')[0] in groups]
    yaml.safe_dump_all(core, target)
print(f'{sys.argv[1]}: {len(core)} of {len(documents)} resources have a schema')
PYTHON
done
"$tools/bin/kubernetes-validate" --kubernetes-version "$version" --strict --quiet "$work"/*.yaml
echo "valid for Kubernetes $version"
