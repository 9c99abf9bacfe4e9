#!/usr/bin/env bash
# Kills a training run with SIGKILL at random moments, resumes it each time, and compares the
# weights and metrics with those of a run that nobody disturbed: they must be the same to the bit.
#   bench/kill-and-resume.sh [KILLS] [SEED] [TRAIN OPTION...]
# MOBILENETV3=COMMAND runs that in place of the launcher.
# The moments are drawn over the time that the undisturbed run took, so that they fall into
# starting, learning, validating and saving alike.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
read -r -a command <<<"${MOBILENETV3:-$root/mobilenetv3}"
kills=${1:-10}
RANDOM=${2:-1}
shift $(($# < 2 ? $# : 2))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -eq 0 ]; then # with a teacher of another size
  "${command[@]}" train --dataset shapes --input-size 36 --width 0.35 --stem-stride 2 --epochs 1 \
    --out "$work/teacher" >"$work/teacher.log" 2>&1 || { cat "$work/teacher.log"; exit 1; }
  set -- --dataset shapes --width 0.35 --stem-stride 2 --epochs 6 \
    --ema-decay 0.99 --crop-padding 4 --random-erasing 0.5 --mixup 0.2 --save-every 0.02 \
    --teacher "$work/teacher/best" --distill 0.7 --temperature 4
fi

begin=$(date +%s%N)
"${command[@]}" train "$@" --out "$work/whole" >"$work/whole.log" 2>&1
milliseconds=$((($(date +%s%N) - begin) / 1000000))
echo "undisturbed: $milliseconds ms, $(grep '^test top-1' "$work/whole.log")"

start() { # starts or resumes the run in the background
  if [ -f "$work/killed/run.json" ]; then
    set -- --resume "$work/killed"
  else
    rm -rf "$work/killed"
    set -- "$@" --out "$work/killed"
  fi
  "${command[@]}" train "$@" >"$work/killed.log" 2>&1 &
}

same() { # file in both runs
  if cmp -s "$1" "$2"; then echo "same: ${1#"$work"/whole/}"; else echo "DIFFERENT: $1"; exit 1; fi
}
compare() { # the finished run with the undisturbed one
  last=$(ls "$work/whole/checkpoints" | sort | tail -n 1)
  grep '^test top-1' "$work/killed.log"
  same "$work/whole/metrics.csv" "$work/killed/metrics.csv"
  for folder in "best" "checkpoints/$last"; do
    for file in "$work/whole/$folder/"*.params; do
      same "$file" "$work/killed/$folder/$(basename "$file")"
    done
  done
}

killed=0
while [ "$killed" -lt "$kills" ]; do
  start "$@"
  wait=$((RANDOM * milliseconds / 32768 * 2 / 3))
  sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
  if ! kill -9 $! 2>/dev/null; then
    wait $! || { cat "$work/killed.log"; exit 1; }
    compare
    echo "finished after $killed kills; begun again"
    rm -rf "$work/killed"
    continue
  fi
  wait $! 2>/dev/null || true
  killed=$((killed + 1))
  newest=$(ls "$work/killed/checkpoints" 2>/dev/null | sort | tail -n 1)
  echo "kill $killed after $wait ms; newest checkpoint: ${newest:-none}"
done
start "$@"
wait $! || { cat "$work/killed.log"; exit 1; }
compare
