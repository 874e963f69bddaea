#!/usr/bin/env bash
# Fetches mongo-java-server once into .cache/ and starts it. Prints the address; ends when its input ends. With
# --build, it is only fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../../../.cache/mongo-java-server
mkdir -p "$cache"
if [ ! -f "$cache/Main.class" ]; then
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$(realpath "$cache")/lib" >&2
  javac -cp "$cache/lib/*" -d "$cache" "$here/Main.java"
fi
[ "${1:-}" = --build ] && exit
exec java -Xmx1g -cp "$cache:$cache/lib/*" Main
