#!/usr/bin/env bash
# Kills NetAdapt (prune --steps) with SIGKILL at random moments, resumes it each time, and compares every step's net
# with those of a run that nobody disturbed: they must be the same to the bit.
#   bench/pruning/kill-and-resume.sh [KILLS] [SEED]
# MOBILENETV3=COMMAND runs that in place of the launcher.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
read -r -a command <<<"${MOBILENETV3:-$root/mobilenetv3}"
kills=${1:-6}
RANDOM=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${command[@]}" train --dataset shapes --width 0.35 --epochs 1 --out "$work/net" >"$work/net.log" 2>&1 ||
  { cat "$work/net.log"; exit 1; }
options=(--weights "$work/net/best" --dataset shapes --macs 0.95M --steps 2 --multiple 32 --epochs-per-step 0.02)

begin=$(date +%s%N)
"${command[@]}" prune "${options[@]}" --out "$work/whole" >"$work/whole.log" 2>&1 || { cat "$work/whole.log"; exit 1; }
milliseconds=$((($(date +%s%N) - begin) / 1000000))
grep '^step' "$work/whole.log" | grep validation
echo "undisturbed: $milliseconds ms"

killed=0
while true; do
  if [ -f "$work/killed/prune.json" ]; then
    "${command[@]}" prune --resume "$work/killed" >"$work/killed.log" 2>&1 &
  else
    rm -rf "$work/killed"
    "${command[@]}" prune "${options[@]}" --out "$work/killed" >"$work/killed.log" 2>&1 &
  fi
  if [ "$killed" -lt "$kills" ]; then
    wait=$((RANDOM * milliseconds / 32768 * 2 / 3))
    sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
    if kill -9 $! 2>/dev/null; then
      wait $! 2>/dev/null || true
      killed=$((killed + 1))
      echo "killed after $wait ms: $(find "$work/killed" -name '*.params' 2>/dev/null | wc -l) nets on disk"
      continue
    fi
  fi
  wait $! || { cat "$work/killed.log"; exit 1; }
  break
done
for step in steps/01 steps/02 pruned; do
  cmp "$work/whole/$step.json" "$work/killed/$step.json" 2>/dev/null || [ $step = pruned ]
  for file in "$work/whole/$step/"*.params; do
    cmp "$file" "$work/killed/$step/$(basename "$file")"
    echo "same: $step/$(basename "$file")"
  done
done
echo "$killed kills, the same nets to the bit"
