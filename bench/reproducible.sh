#!/usr/bin/env bash
# Builds the downloads twice, in two new directories, and compares them: bench/reproducible.sh [COMMIT]
# Ten minutes on two cores. The files of the first build stay in target/reproducible.
set -eu
cd "$(dirname "$0")/.."
commit=$(git rev-parse "${1:-HEAD}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() {
  git clone -q . "$1"
  git -C "$1" checkout -q "$commit"
  (cd "$1" && mvn -B -q -Pdist -DskipTests package)
}
# The downloads, and each jar that Maven makes.
sums() {
  (cd "$1" && cat mobilenetv3-dist/target/SHA256SUMS && sha256sum mobilenetv3-*/target/mobilenetv3-*.jar)
}

build "$work/first"
build "$work/another place/second"
sums "$work/first" >"$work/first.sums"
sums "$work/another place/second" | diff "$work/first.sums" - || {
  echo "The two builds of $commit differ." >&2
  exit 1
}
rm -rf target/reproducible && mkdir -p target/reproducible
cp "$work"/first/mobilenetv3-dist/target/{SHA256SUMS,*.zip,*.tar.gz,*.tar} target/reproducible/
echo "Both builds of $commit are the same:"
cat "$work/first.sums"
