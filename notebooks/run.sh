#!/usr/bin/env bash
# Executes the notebooks in place, one after the other, and stops at the first error.
#
#   notebooks/run.sh                  all of them
#   notebooks/run.sh 02-train.ipynb   these
#
# JUPYTER names the command (default: jupyter). MOBILENETV3_REPO names the local Maven repository
# that has the jars (default: Maven's own, ~/.m2/repository).
set -euo pipefail

jupyter=${JUPYTER:-jupyter}
if ! command -v "$jupyter" > /dev/null; then
    echo "There is no '$jupyter': pip install jupyter jjava, or say where with JUPYTER." >&2
    exit 2
fi
# Paths are the caller's, not those of the notebooks' directory.
if [[ $jupyter == */* && $jupyter != /* ]]; then jupyter=$PWD/$jupyter; fi
if [ -n "${MOBILENETV3_REPO:-}" ]; then
    if [ ! -d "$MOBILENETV3_REPO/org/mobilenetv3" ]; then
        echo "MOBILENETV3_REPO is '$MOBILENETV3_REPO', where the jars are not: mvn -Dmaven.repo.local=DIR install." >&2
        exit 2
    fi
    MOBILENETV3_REPO=$(cd "$MOBILENETV3_REPO" && pwd)
    export MOBILENETV3_REPO
fi
cd "$(dirname "$0")"

# The names are read first: with pipefail, grep -q would end the pipe too early.
kernels=$("$jupyter" kernelspec list 2> /dev/null)
if ! grep -q '^ *java ' <<< "$kernels"; then
    echo "Jupyter has no kernel 'java': pip install jjava, in the environment of '$jupyter'." >&2
    exit 2
fi

[ $# -gt 0 ] || set -- [0-9]*.ipynb
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for notebook in "${@##*/}"; do
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
