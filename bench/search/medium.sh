#!/usr/bin/env bash
# How mobilenet_v3_medium was found (docs/search.md#the-medium-net): a search around Large that keeps its blocks, for
# 120 million multiply-adds at 224x224, then the net and its rival of the same cost, Large of width 0.7, trained alone
# alike. Every step that is done is skipped, so it can be interrupted.
#   bench/search/medium.sh OUT [FASHION-MNIST]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
whole=${2:-/usr/share/datasets/fashion-mnist}
data=$out/data

# The first 20,000 training images: Large learns them in minutes.
first() { # PART HEADER-BYTES HEADER BYTES
  zcat "$whole/train-$1.gz" | (head -c "$2" > /dev/null; printf "$3"; head -c "$4")
}
if [ ! -e "$data" ]; then
  mkdir -p "$data.new"
  cp "$whole"/t10k-* "$data.new"
  first images-idx3-ubyte 16 '\0\0\10\3\0\0\x4e\x20\0\0\0\x1c\0\0\0\x1c' $((20000 * 784)) > "$data.new/train-images-idx3-ubyte"
  first labels-idx1-ubyte 8 '\0\0\10\1\0\0\x4e\x20' 20000 > "$data.new/train-labels-idx1-ubyte"
  mv "$data.new" "$data"
fi
net() { "$root/mobilenetv3" "$@" --dataset fashion-mnist --data "$data" --threads 1; }

if [ -e "$out/search/search.json" ]; then
  "$root/mobilenetv3" search --resume "$out/search"
else
  net search --arch mobilenet_v3_large --fixed-depth --kernels 3,5 --widths 0.5,0.75,1 --macs 121M --cost-size 224 \
    --epochs 3 --supernet-epochs 3 --tune-epochs 1 --candidates 100 --random 50 --scored-images 2000 --calibration-images 1024 --out "$out/search"
fi
for seed in 1 2 3; do
  [ -e "$out/narrow-s$seed/result.json" ] ||
    net train --epochs 3 --seed "$seed" --out "$out/narrow-s$seed" --arch mobilenet_v3_large --width 0.7
  [ -e "$out/medium-s$seed/result.json" ] ||
    net train --epochs 3 --seed "$seed" --out "$out/medium-s$seed" --arch "$out/search/architecture.json"
done
"$root/mobilenetv3" compare --out "$out/compare.html" "$out"/{narrow,medium}-s?
