#!/usr/bin/env bash
# Builds the embeddable FerretDB once into .cache/ and starts it on the given port. Ends when its input ends. With --build,
# it is only built.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../../../.cache/ferretdb
mkdir -p "$cache"
if [ ! -x "$cache/ferretdb" ]; then
  cp "$here/go.mod" "$here/main.go" "$cache/"
  (cd "$cache" && go build -mod=mod -o ferretdb .) >&2
fi
[ "$1" = --build ] && exit
exec "$cache/ferretdb" "$1"
