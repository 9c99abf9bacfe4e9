#!/usr/bin/env bash
# Trains many short epochs and tells whether memory and time stay flat: resident size (VmRSS) and
# seconds of each epoch, and their means over the first and the last five.
#   bench/flat.sh [EPOCHS] [TRAIN OPTION...]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
epochs=${1:-50}
shift $(($# < 1 ? $# : 1))
[ $# -gt 0 ] || set -- --dataset shapes --width 0.35 --stem-stride 2 --batch-size 32
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/mobilenetv3" train "$@" --epochs "$epochs" --out "$work/run" >"$work/log" 2>&1 &
run=$!
tail --pid=$run -n +1 -f "$work/log" | while read -r line; do
  case $line in
    epoch\ *validation*)
      rss=$(awk '/VmRSS/ {print $2}' "/proc/$run/status" 2>/dev/null || true)
      echo "$rss" >>"$work/rss"
      echo "$line  $((rss / 1024)) MB"
      ;;
  esac
done
wait $run || { cat "$work/log"; exit 1; }
means() { # name; numbers on standard input
  awk -v name="$1" '{v[NR] = $1} END {
    for (i = 1; i <= 5; i++) { first += v[i] / 5; last += v[NR - 5 + i] / 5 }
    printf "%s: first five %.4g, last five %.4g (%+.1f %%)\n", name, first, last, 100 * (last / first - 1)
  }'
}
means "VmRSS, kB" <"$work/rss"
grep '"seconds"' "$work/run/metrics.json" | tr -dc '0-9.\n' | means "seconds an epoch"
