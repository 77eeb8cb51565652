#!/bin/sh
# Finds out what web frameworks and their servers do with requests like ours by their defaults, and compares it with the
# table in docs/receiving.md. Needs script/bootstrap (for Node), python3 with venv, go, php and the registries.
set -eu
here=$(dirname "$(readlink -f "$0")")
place=$(mktemp -d)
probe=
# The probe ends the receiver that it has started. Without a trap for signals, the shell would end without this one.
clean_up() {
  [ -z "$probe" ] || { kill "$probe" 2>/dev/null && wait "$probe" || true; }
  chmod -R u+w "$place"
  rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
PATH="$here/../node_modules/.bin:$PATH"
cp "$here"/receivers/* "$place"
cd "$place"

npm init --yes >/dev/null
npm install --no-audit --no-fund --loglevel=error standardwebhooks@1.1.1 \
  express@5.3.0 fastify@5.12.8 koa@3.3.0 @koa/router@15.7.0 hono@4.13.19 @hono/node-server@2.1.9 h3@2.0.8

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check standardwebhooks==1.1.0 \
  fastapi==0.165.0 flask==3.1.3 django==5.2.19 \
  uvicorn==0.54.0 hypercorn==0.18.0 granian==2.8.9 gunicorn==27.0.1 waitress==3.0.2

mkdir go
mv main.go.txt go/main.go
(
  cd go
  go mod init receivers 2>/dev/null
  go get github.com/standard-webhooks/standard-webhooks/libraries@v0.0.1 \
    github.com/gin-gonic/gin@v1.12.0 github.com/go-chi/chi/v5@v5.5.0 2>/dev/null
  go build -o receiver .
)

# A shell runs its traps while it waits for a command in the background, and not before the end of any other.
node probe.mjs > found.md &
probe=$!
wait "$probe"
probe=
cat found.md
awk '/^## /{in_section = /^## Defaults of web frameworks$/} in_section && /^\| /' "$here/../docs/receiving.md" > stated.md
diff stated.md found.md && echo 'The document states the same.'
