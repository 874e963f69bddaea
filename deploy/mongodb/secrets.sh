#!/bin/sh
# Creates the missing secrets of compose.yml (profile mongodb) in ./secrets. Only the owner can read them.
set -eu
umask 077
mkdir -p secrets
random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
[ -s secrets/mongodb_password ] || random > secrets/mongodb_password
[ -s secrets/mongodb_uri ] ||
  printf 'mongodb://hub:%s@mongo-1,mongo-2,mongo-3/talanoa?replicaSet=rs0&authSource=admin' "$(cat secrets/mongodb_password)" > secrets/mongodb_uri
[ -s secrets/master_key ] || random > secrets/master_key
# The hub runs as user 10001 in its container, and compose mounts the files with their permissions.
chmod 0444 secrets/mongodb_password secrets/mongodb_uri secrets/master_key
chmod 0700 secrets
