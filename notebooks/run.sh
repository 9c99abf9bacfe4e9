#!/usr/bin/env bash
# Executes the notebooks in place, one after the other, and stops at the first error.
#
#   notebooks/run.sh                  all of them
#   notebooks/run.sh 02-train.ipynb   these
#
# JUPYTER names the command (default: jupyter). MOBILENETV3_REPO names the local Maven repository
# that has the jars (default: Maven's own, ~/.m2/repository).
set -euo pipefail
cd "$(dirname "$0")"

jupyter=${JUPYTER:-jupyter}
if ! command -v "$jupyter" > /dev/null; then
    echo "There is no '$jupyter': pip install jupyter jjava, or say where with JUPYTER." >&2
    exit 2
fi
# The names are read first: with pipefail, grep -q would end the pipe too early.
kernels=$("$jupyter" kernelspec list 2> /dev/null)
if ! grep -q '^ *java ' <<< "$kernels"; then
    echo "Jupyter has no kernel 'java': pip install jjava, in the environment of '$jupyter'." >&2
    exit 2
fi

[ $# -gt 0 ] || set -- [0-9]*.ipynb
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for notebook in "$@"; do
    begin=$SECONDS
    # A notebook that fails is left as it was.
    if ! "$jupyter" nbconvert --to notebook --execute --inplace \
        --ExecutePreprocessor.timeout=600 --ExecutePreprocessor.record_timing=False \
        "$notebook" > "$log" 2>&1; then
        cat "$log" >&2
        echo "$notebook failed." >&2
        exit 1
    fi
    echo "$notebook: $((SECONDS - begin)) s"
done
