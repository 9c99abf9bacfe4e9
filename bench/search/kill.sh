#!/usr/bin/env bash
# Kills a search with SIGKILL at random, again and again, resumes it, and compares what it finds with
# what an undisturbed search finds: candidates, winner and the winner's weights, byte for byte.
#
#     bench/search/kill.sh WORK [SEED]
set -eu
work=$1
RANDOM=${2:-1}
cd "$(dirname "$0")/../.."
search=(./mobilenetv3 search --dataset shapes --macs 1.5M --kernels 3,5 --widths 0.5,1 --width 0.5
  --epochs 1 --supernet-epochs 1 --tune-epochs 1 --candidates 12 --scored-images 500
  --calibration-images 512 --threads 1)
mkdir -p "$work"
"${search[@]}" --out "$work/whole"
kills=0
begun=
while true; do
  if [ -z "$begun" ]; then
    "${search[@]}" --save-every 0.02 --out "$work/killed" > "$work/log" 2>&1 &
  else
    ./mobilenetv3 search --resume "$work/killed" --save-every 0.02 > "$work/log" 2>&1 &
  fi
  child=$!
  sleep "$((6 + RANDOM % 8)).$((RANDOM % 10))"
  [ ! -f "$work/killed/search.json" ] || begun=yes
  stage=$(grep -o "^[1-4] of 4[^,]*" "$work/log" | tail -1) || true
  if ! kill -KILL "$child" 2> /dev/null; then
    break
  fi
  wait "$child" 2> /dev/null || true
  [ -n "$begun" ] || rm -rf "$work/killed"
  kills=$((kills + 1))
  echo "killed in '${stage:-before the first stage}'"
done
wait "$child"
strip() { sed 's/,"seconds":[^}]*//' "$1/candidates.jsonl"; }
cmp <(strip "$work/whole") <(strip "$work/killed")
for file in architecture.json winner/*.params tuned/best/*.params tuned/metrics.csv; do
  for found in "$work"/whole/$file; do
    cmp "$found" "$work/killed/${found#"$work"/whole/}"
  done
done
echo "killed $kills times: the same candidates, winner and weights"
