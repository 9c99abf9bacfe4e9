#!/usr/bin/env bash
# Signs the bundle for Maven Central in place: deploy/sign-bundle.sh BUNDLE.zip KEY
# KEY is what gpg's --local-user takes; gpg's home is GNUPGHOME. Needs gpg and a JDK.
set -eu
bundle=$(readlink -f "$1") key=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
jar --extract --file "$bundle"
find . -type f \( -name '*.jar' -o -name '*.pom' \) \
  -exec gpg --batch --yes --quiet --local-user "$key" --armor --detach-sign {} \;
find . -name '*.asc' -print0 | sort -z | xargs -0 jar --update --no-manifest --file "$bundle"
