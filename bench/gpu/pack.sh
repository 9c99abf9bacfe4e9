#!/usr/bin/env bash
# Packs what bench/gpu/run.sh needs on a Linux machine that has a GPU and PyTorch, but neither Java
# nor a network: a Java runtime, our jars and theirs, the check programs, tests with golden figures.
#   bench/gpu/pack.sh [DIR]      DIR is .gpu in the repository if left out; it is made anew
# BRIDGE=FILE     a libdjl_torch.so built for that machine's PyTorch, to go with it
# SKIP_BUILD=1    take the classes and the class path that the last run left
# Run it on the system and processor that it is for: the runtime is cut from the JDK here.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
payload=${1:-$root/.gpu}
limit_mib=52
jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

fail() {
  echo "pack.sh: $*" >&2
  exit 1
}

if [ -e "$payload" ] && [ -n "$(ls -A "$payload")" ] && [ ! -f "$payload/app.tar.gz" ]; then
  fail "$payload holds something else; give an empty or a new directory."
fi
if [ -n "${BRIDGE:-}" ] && [ ! -f "$BRIDGE" ]; then
  fail "BRIDGE is $BRIDGE, which is not there."
fi

if [ "${SKIP_BUILD:-0}" != 1 ]; then
  (cd "$root" && mvn -B -q -Dspotless.check.skip test-compile \
    dependency:build-classpath -Dmdep.outputFile=target/gpu-classpath -DincludeScope=test)
  (cd "$root" && mvn -B -q -N dependency:copy -DoutputDirectory=mobilenetv3-train/target/gpu-junit \
    -Dartifact=org.junit.platform:junit-platform-console-standalone:1.14.4)
fi
list=$root/mobilenetv3-train/target/gpu-classpath
[ -f "$list" ] || fail "$list is not there; run it once without SKIP_BUILD."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
app=$work/app
mkdir -p "$app/lib"

# The jars of train; HTTP and ONNX Runtime are left out, and libtorch is that machine's.
jars=$(tr ':' '\n' <"$list" | grep '\.jar$' |
  grep -vE '/(onnxruntime|pytorch-native|pytorch-jni|rapidocr|jqwik|junit|javalin|jetty|kotlin|byte-buddy)')
# shellcheck disable=SC2086 # a path on each line
cp $jars "$root"/mobilenetv3-train/target/gpu-junit/*.jar "$app/lib"
for module in model train serve; do
  "$jdk/bin/jar" --create --file "$app/lib/mobilenetv3-$module.jar" \
    -C "$root/mobilenetv3-$module/target/classes" .
done
for module in model train; do
  cp -r "$root/mobilenetv3-$module/target/test-classes" "$app/$module-tests"
done
rm -f "$app"/*/junit-platform.properties

if compgen -G "$root/bench/gpu/*.java" >/dev/null; then
  "$jdk/bin/javac" --release 17 -proc:none -cp "$app/lib/*" -d "$work/classes" \
    "$root"/bench/gpu/*.java
  "$jdk/bin/jar" --create --file "$app/lib/gpu-checks.jar" -C "$work/classes" .
else
  echo "There is no bench/gpu/*.java: packed without check programs." >&2
fi

if [ -n "${BRIDGE:-}" ]; then
  cp "$BRIDGE" "$app/libdjl_torch.so"
fi

# What jdeps finds in our classes and the jars, and zipfs, which Java looks up by name. Not
# compressed: gzip, below, makes 6 MB less of it than of the compressed one.
"$jdk/bin/jlink" --strip-debug --no-header-files --no-man-pages --compress=0 \
  --add-modules java.base,java.compiler,java.desktop,java.logging,java.management,java.net.http \
  --add-modules java.sql,java.xml,jdk.management,jdk.unsupported,jdk.zipfs \
  --output "$work/runtime"
# Distributions' JDKs take these from the system, where another one may not have them. Java looks
# beside its own libraries first.
for library in libzip libjavajpeg liblcms; do
  ldd "$jdk/lib/$library.so" | awk '$3 ~ /\/lib(z|jpeg|lcms2)\.so/ { print $3 }'
done | sort -u | xargs -r cp -L -t "$work/runtime/lib"

rm -rf "$payload"
mkdir -p "$payload"
tar -C "$work" -czf "$payload/runtime.tar.gz" runtime
tar -C "$work" -czf "$payload/app.tar.gz" app

kib=$(du -sk --apparent-size "$payload" | cut -f1)
ls -l "$payload"
echo "$payload: $((kib / 1024)) MiB"
if [ "$kib" -gt $((limit_mib * 1024)) ]; then
  fail "$payload is larger than the $limit_mib MiB that may travel."
fi
