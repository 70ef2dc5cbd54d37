#!/usr/bin/env bash
# Lets other people's Salesforce clients loose on the emulator:
#
#     tests/conformance/run.sh target/debug/portalctl
#
# Needs Python 3.10 with venv, and npm. What is installed is what the lock files beside the tests
# say, below target/conformance, and again only when they have changed.
set -euo pipefail
PORTALCTL=$(realpath "${1:?the program, such as target/debug/portalctl}")
export PORTALCTL
here=$(cd "$(dirname "$0")" && pwd)
work=${CARGO_TARGET_DIR:-$here/../../target}/conformance

# install NAME LOCK COMMAND…: runs COMMAND in $work/NAME unless that was done for the same LOCK.
install() {
    local name=$1 lock=$2
    shift 2
    mkdir -p "$work/$name"
    cp -R "$here/$name/." "$work/$name/"
    cp "$here/org.toml" "$work/"
    cd "$work/$name"
    if ! cmp --silent "$lock" installed.lock; then
        rm -f installed.lock
        "$@"
        cp "$lock" installed.lock
    fi
}

python_packages() {
    python3 -m venv --clear venv
    venv/bin/pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --requirement requirements.txt
}

install simple-salesforce requirements.txt python_packages
printf '\n-- %s, %s\n' "$(grep -o 'simple-salesforce==[^ ]*' requirements.txt)" "$(python3 --version)"
venv/bin/python -W error::ResourceWarning test_simple_salesforce.py

install jsforce package-lock.json npm ci --ignore-scripts --no-audit --no-fund
# The locked packages bring a Node for Linux; elsewhere it has to be there.
for folder in "$work"/jsforce/node_modules/node-linux-*/bin; do
    PATH="$folder:$PATH"
done
node -e 'process.exit(process.versions.node.split(".")[0] >= 22 ? 0 : 1)' || {
    echo "jsforce needs Node 22, and this is $(node --version)" >&2
    exit 1
}
printf '\n-- jsforce %s, Node %s\n' "$(node -p 'require("jsforce/package.json").version')" "$(node --version)"
node --test --test-force-exit --test-reporter=spec jsforce.test.mjs
