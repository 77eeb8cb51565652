#!/bin/sh
# Finds out what the libraries that verify signatures take and return, as docs/receiving.md states it. Each line is one
# call with a valid message. Needs script/bootstrap (for Node), python3 with venv, and the registries.
set -eu
here=$(dirname "$(readlink -f "$0")")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
PATH="$here/../node_modules/.bin:$PATH"
cp "$here"/verifiers/* "$place"
cd "$place"

npm init --yes >/dev/null
npm install --no-audit --no-fund --loglevel=error standardwebhooks@1.1.1 svix-2.0@npm:svix@2.0.0 svix-2.5@npm:svix@2.5.0
for package in standardwebhooks==1.1.0 svix==1.99.1 svix==2.9.1; do
  python3 -m venv "python-$package"
  "python-$package/bin/pip" install --quiet --disable-pip-version-check "$package"
done

{
  node verify.mjs
  for package in standardwebhooks==1.1.0 svix==1.99.1 svix==2.9.1; do
    "python-$package/bin/python" verify.py "$package"
  done
} > found.txt
cat found.txt
diff expected.txt found.txt && echo 'The document states the same.'
