#!/usr/bin/env bash
# Checks and times this on a machine that has PyTorch and, as a rule, a GPU, with what
# bench/gpu/pack.sh packed elsewhere.
#   bench/gpu/run.sh [--device gpu0|cpu] [--payload DIR] [--out DIR]
# Logs and figures go to --out (to $OUT if left out). Fails if a part does; runs all in any case. On
# the CPU it checks and times next to nothing, to try the programs themselves.
# WORK=/tmp/mobilenetv3-gpu          where it unpacks; made anew
# PARTS="check tests commands resume speed"   which parts
# CHECK_SECONDS, TESTS_SECONDS ...   the longest that each may take
# CHECK_OPTIONS, SPEED_OPTIONS       more options for GpuCheck and speed.py
# TESTS                              options of JUnit's console that choose tests
# CLASSPATH_EXTRA                    more jars, such as Maven's libtorch if no bridge was packed
# JAVA_OPTS                          more options for Java
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
device=gpu0
payload=$here/../../.gpu
out=${OUT:-/tmp/mobilenetv3-gpu-out}
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=$2 ;;
    --payload) payload=$2 ;;
    --out) out=$2 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

work=${WORK:-/tmp/mobilenetv3-gpu}
rm -rf "$work"
mkdir -p "$work" "$out"
tar -C "$work" -xzf "$payload/runtime.tar.gz"
tar -C "$work" -xzf "$payload/app.tar.gz"
app=$work/app

# Where PyTorch lies, its version and its CUDA, without the seconds that importing it takes.
find_torch='
import importlib.util, os, runpy
torch = os.path.dirname(importlib.util.find_spec("torch").origin)
version = runpy.run_path(os.path.join(torch, "version.py"))
print(torch, version["__version__"], version["cuda"] or "none")
'
read -r torch version cuda < <(python3 -c "$find_torch") || {
  echo "run.sh: python3 has no torch." >&2
  exit 1
}
# Its CUDA libraries lie beside it.
cuda_folders() {
  find "$(dirname "$torch")/nvidia" "$@" 2>/dev/null || true
}
nvidia=$(cuda_folders -maxdepth 2 -name lib | paste -sd:)
cudart=$(cuda_folders -name 'libcudart.so*' -printf '%h\n' | head -n 1)
export LD_LIBRARY_PATH=$nvidia${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# DJL loads every library in one directory, and its own bridge from there: PyTorch's own directory,
# or links to what it holds if we may not write there.
if [ -f "$app/libdjl_torch.so" ]; then
  export PYTORCH_LIBRARY_PATH=$torch/lib
  if ! cp "$app/libdjl_torch.so" "$torch/lib" 2>/dev/null; then
    PYTORCH_LIBRARY_PATH=$work/libtorch
    mkdir "$work/libtorch"
    ln -s "$torch"/lib/*.so* "$work/libtorch"
    ln -sf "$app/libdjl_torch.so" "$work/libtorch"
  fi
  export PYTORCH_VERSION=${version%%+*}
  export PYTORCH_FLAVOR=cpu # loads nothing that needs the GPU's driver
  if [ "$device" != cpu ]; then
    PYTORCH_FLAVOR=cu${cuda/./}
  fi
fi
export DJL_CACHE_DIR=$work/djl OPT_OUT_TRACKING=true

# DJL counts the GPUs with libcudart, which JNA looks for in its own path.
# shellcheck disable=SC2206 # JAVA_OPTS holds several options
java=("$work/runtime/bin/java" -XX:+UseSerialGC -Dfile.encoding=UTF-8 "-Djna.library.path=$cudart"
  -Dorg.slf4j.simpleLogger.defaultLogLevel=error ${JAVA_OPTS:-}
  -cp "$app/lib/*:$app/model-tests:$app/train-tests${CLASSPATH_EXTRA:+:$CLASSPATH_EXTRA}")

{
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null ||
    echo "no nvidia-smi"
  "${java[0]}" -version 2>&1 | sed -n 1p
  echo "torch $version (CUDA $cuda) in $torch"
  [ -f "$app/libdjl_torch.so" ] || echo "no bridge: Java takes the libtorch of its class path"
} | tee "$out/versions.log"

failed=0
run() { # name, seconds, command...
  local name=$1 seconds=$2
  shift 2
  echo "== $name"
  if ! timeout -k 10 "$seconds" "$@" 2>&1 | tee "$out/$name.log"; then
    echo "== $name failed or took longer than $seconds s" | tee -a "$out/$name.log"
    failed=1
  fi
}
quick=
if [ "$device" = cpu ]; then
  quick=--quick
fi
wants() { case " ${PARTS:-check tests commands resume speed} " in *" $1 "*) ;; *) return 1 ;; esac; }

# shellcheck disable=SC2086 # options
if wants check; then
  run check "${CHECK_SECONDS:-200}" "${java[@]}" GpuCheck --device "$device" $quick ${CHECK_OPTIONS:-}
fi
# DJL makes arrays on the first GPU if there is one, and so do these tests.
# shellcheck disable=SC2086 # options
if wants tests; then
  run tests "${TESTS_SECONDS:-120}" "${java[@]}" org.junit.platform.console.ConsoleLauncher execute \
    --disable-banner --details=summary ${TESTS:--c org.mobilenetv3.GoldenTest
    -c org.mobilenetv3.FeatureGoldenTest -c org.mobilenetv3.nn.BlocksTest
    -c org.mobilenetv3.nn.NonlinearityTest -c org.mobilenetv3.torchscript.CompiledNetTest
    -c org.mobilenetv3.train.OptimizerTest}
fi
if wants commands; then
  run commands "${COMMANDS_SECONDS:-150}" "${java[@]}" GpuCommands --device "$device"
fi
if wants resume; then
  MOBILENETV3="${java[*]} org.mobilenetv3.cli.Main" run resume "${RESUME_SECONDS:-150}" \
    "$here/../kill-and-resume.sh" "${KILLS:-3}" 1 --dataset shapes --epochs 4 --batch-size 128 \
    --ema-decay 0.99 --crop-padding 4 --mixup 0.2 --save-every 0.02 --device "$device"
fi

seconds=${SPEED_SECONDS:-300}
# shellcheck disable=SC2086 # options
if wants speed; then
  run speed "$seconds" python3 "$here/speed.py" --device "${device%%[0-9]*}" $quick \
    --seconds $((seconds * 9 / 10)) --out "$out/speed.md" --json "$out/speed.json" \
    --worker "${java[*]} GpuSpeed" ${SPEED_OPTIONS:-}
fi
exit $failed
