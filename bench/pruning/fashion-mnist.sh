#!/usr/bin/env bash
# The pruning experiment of docs/pruning.md: a trained Small is cut to half and to a third of its multiply-adds by
# each method, and all are trained on alike. Every step that is done is skipped, so it can be interrupted.
#   bench/pruning/fashion-mnist.sh OUT [SEED]
# OUT/base is the net to begin with and OUT/large the teacher; both are trained first if they are not there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
seed=${2:-1}
net() { "$root/mobilenetv3" "$@" --threads 1; }
fashion() { net train --dataset fashion-mnist --seed "$seed" "$@"; }
recipe=$root/bench/fashion-mnist-20.properties
tune=$root/bench/pruning/tune.properties

[ -e "$out/base/result.json" ] || fashion --dropout 0.1 --recipe "$recipe" --out "$out/base"
[ -e "$out/large/result.json" ] ||
  fashion --dropout 0.1 --recipe "$recipe" --epochs 5 --arch mobilenet_v3_large --out "$out/large"

for budget in 2.41M 1.74M; do
  for by in random l1 taylor; do
    cut=$out/$by-$budget-s$seed
    [ -e "$cut" ] || net prune --weights "$out/base/best" --macs $budget --by $by --dataset fashion-mnist \
      --seed "$seed" --out "$cut"
  done
  cut=$out/netadapt-$budget-s$seed
  steps=10
  [ $budget = 2.41M ] || steps=14
  [ -e "$cut/pruned" ] || net prune --weights "$out/base/best" --macs $budget --by l1 --dataset fashion-mnist \
    --steps $steps --epochs-per-step 0.01 --crop-padding 2 --seed "$seed" --out "$cut"
  for by in random l1 taylor netadapt; do
    run=$out/$by-$budget-s$seed-tuned
    [ -e "$run/result.json" ] || fashion --weights "$out/$by-$budget-s$seed/pruned" --recipe "$tune" --out "$run"
    run=$out/$by-$budget-s$seed-distilled
    [ -e "$run/result.json" ] || fashion --weights "$out/$by-$budget-s$seed/pruned" --recipe "$tune" \
      --teacher "$out/large/best" --out "$run"
  done
done
[ -e "$out/width-0.65-s$seed/result.json" ] ||
  fashion --dropout 0.1 --recipe "$recipe" --epochs 23 --width 0.65 --out "$out/width-0.65-s$seed"
[ -e "$out/width-0.55-s$seed/result.json" ] ||
  fashion --dropout 0.1 --recipe "$recipe" --epochs 23 --width 0.55 --out "$out/width-0.55-s$seed"
"$root/mobilenetv3" compare "$out"/*-s"$seed"* --out "$out/compare.html"
