#!/usr/bin/env bash
# The experiments of docs/search.md#measured: a search around a net for what that net costs, eight of its candidates
# trained alone, and the net itself, narrower and pruned ones trained like them. Every step that is done is skipped,
# so it can be interrupted.
#   bench/search/against-others.sh fashion-mnist|shapes OUT
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dataset=$1
out=$2
case $dataset in
  fashion-mnist)
    base=1 macs=4.93M narrower="0.75 0.5" pruned="2.41M 1.74M" epochs=2 together=3 ;;
  shapes)
    base=0.5 macs=1.76M narrower="0.35 0.25" pruned="1.01M 0.78M" epochs=4 together=6 ;;
  *)
    echo "No such experiment: $dataset" >&2; exit 2 ;;
esac
net() { "$root/mobilenetv3" "$@" --threads 1; }
alone() { # NAME SEED OPTION...
  [ -e "$out/$1-s$2/result.json" ] || net train --dataset "$dataset" --epochs $epochs --seed "$2" --out "$out/$1-s$2" "${@:3}"
}

if [ -e "$out/search/search.json" ]; then
  "$root/mobilenetv3" search --resume "$out/search" --check 8
else
  net search --dataset "$dataset" --arch mobilenet_v3_small --width $base --kernels 3,5 --widths 0.5,0.75,1,1.25 --macs $macs \
    --epochs $epochs --supernet-epochs $together --tune-epochs $epochs --candidates 80 --random 40 --check 8 --out "$out/search"
fi
for seed in 1 2 3; do
  alone small "$seed" --arch mobilenet_v3_small --width $base
  alone winner "$seed" --arch "$out/search/architecture.json"
done
others=()
for width in $narrower; do
  alone "width-$width" 1 --arch mobilenet_v3_small --width "$width"
  others+=("$out/width-$width-s1/best")
done
for macs in $pruned; do
  net=$out/pruned-$macs
  [ -e "$net" ] || net prune --weights "$out/small-s1/best" --macs "$macs" --by taylor --dataset "$dataset" --out "$net"
  [ -e "$net-tuned/result.json" ] || net train --dataset "$dataset" --epochs $epochs --recipe prune \
    --weights "$net/pruned" --out "$net-tuned"
  others+=("$net-tuned/best")
done
"$root/mobilenetv3" search --resume "$out/search" --check 8 --compare "$out"/{small,winner}-s1/best "${others[@]}"
"$root/mobilenetv3" compare --out "$out/compare.html" "$out"/{small,winner}-s?
