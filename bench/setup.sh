#!/usr/bin/env bash
# Makes the Python sides that `./mobilenetv3 bench` compares with; what stands already is kept.
#   bench/setup.sh                 both
#   bench/setup.sh venv            PyTorch of our own libtorch's version, and ONNX Runtime
#   bench/setup.sh venv-newest     the newest PyTorch there is (remove the folder to renew it)
# PYTHON chooses the interpreter; each takes about 5.5 GB of disk with the CUDA libraries of PyPI's
# wheels. With access to download.pytorch.org, EXTRA="--index-url
# https://download.pytorch.org/whl/cpu --extra-index-url https://pypi.org/simple" takes less.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

make() { # folder, requirement...
  folder=$here/$1
  stamp=$folder/installed.txt
  shift
  if [ "$(cat "$stamp" 2>/dev/null)" = "$*" ] && "$folder/bin/python" -c 'import torchvision' \
    2>/dev/null; then
    echo "$folder is ready: $*"
    return
  fi
  [ -x "$folder/bin/python" ] || "${PYTHON:-python3}" -m venv "$folder"
  # shellcheck disable=SC2086 # EXTRA holds several options
  "$folder/bin/python" -m pip install --progress-bar off ${EXTRA:-} "$@"
  echo "$*" >"$stamp"
  echo "$folder is ready: $*"
}

[ $# -gt 0 ] || set -- venv venv-newest
for which in "$@"; do
  case $which in
    venv)
      make venv torch==2.7.1 torchvision==0.22.1 onnx==1.23.2 onnxruntime==1.23.2 numpy \
        timm==1.0.31 safetensors==0.8.0 opencv-python-headless==5.0.0.93
      ;;
    venv-newest) make venv-newest --upgrade torch torchvision numpy ;;
    *) echo "There is no '$which'; give venv, venv-newest or nothing for both." >&2; exit 2 ;;
  esac
done
