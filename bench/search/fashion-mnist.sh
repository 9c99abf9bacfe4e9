#!/usr/bin/env bash
# The experiment of docs/search.md#measured: a search around Small for what Small costs, eight of its candidates
# trained alone, and Small, narrower and pruned nets trained like them. Every step that is done is skipped, so it
# can be interrupted.
#   bench/search/fashion-mnist.sh OUT
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
net() { "$root/mobilenetv3" "$@" --threads 1; }
alone() { # NAME SEED OPTION...
  [ -e "$out/$1-s$2/result.json" ] || net train --dataset fashion-mnist --epochs 2 --seed "$2" --out "$out/$1-s$2" "${@:3}"
}

if [ -e "$out/search/search.json" ]; then
  "$root/mobilenetv3" search --resume "$out/search" --check 8
else
  net search --dataset fashion-mnist --arch mobilenet_v3_small --kernels 3,5 --widths 0.5,0.75,1,1.25 --macs 4.93M \
    --epochs 2 --supernet-epochs 3 --tune-epochs 2 --candidates 80 --random 40 --check 8 --out "$out/search"
fi
for seed in 1 2 3; do
  alone small "$seed" --arch mobilenet_v3_small
  alone winner "$seed" --arch "$out/search/architecture.json"
done
for width in 0.5 0.75; do
  alone "width-$width" 1 --arch mobilenet_v3_small --width "$width"
done
for macs in 1.74M 2.41M; do
  pruned=$out/pruned-$macs
  [ -e "$pruned" ] || net prune --weights "$out/small-s1/best" --macs "$macs" --by taylor --dataset fashion-mnist --out "$pruned"
  [ -e "$pruned-tuned/result.json" ] || net train --dataset fashion-mnist --epochs 2 --recipe prune \
    --weights "$pruned/pruned" --out "$pruned-tuned"
done
"$root/mobilenetv3" search --resume "$out/search" --check 8 --compare "$out"/{small,winner,width-0.5,width-0.75}-s1/best \
  "$out"/pruned-*-tuned/best
"$root/mobilenetv3" compare "$out"/{small,winner}-s?
