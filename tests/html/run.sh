#!/usr/bin/env bash
# Opens the HTML reports of a built program in a browser: search, filters, light and dark, phone
# width, no console error, no request. Needs node and npm; Chromium is installed if Debian's package
# is at hand and it is not there. Screenshots are left in the target folder, under html/screenshots.
set -euo pipefail
program=$(realpath "${1:?usage: tests/html/run.sh PROGRAM}")
cd "$(dirname "$0")/../.."
here=tests/html
work=${CARGO_TARGET_DIR:-target}/html

if ! browser=$(command -v chromium || command -v chromium-browser); then
    apt-get update
    apt-get install --yes --no-install-recommends chromium
    browser=$(command -v chromium)
fi

mkdir -p "$work"
cp "$here/package.json" "$here/package-lock.json" "$here/drive.mjs" "$work/"
# Entered rather than named: npm takes a folder behind a link for another package.
(cd "$work" && npm ci --no-audit --no-fund --ignore-scripts)

node "$here/pages.mjs" "$program" "$work/pages"
CHROMIUM="$browser" node "$work/drive.mjs" "$work/pages" "$work/screenshots"
