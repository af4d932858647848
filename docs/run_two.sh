#!/bin/sh
# run_two.sh BODY HEAD: runs a body, and its head until it ends; then ends the body, which has to end well, too.
url="shm://docs-$$"
"$1" "$url" &
body=$!
"$2" "$url"
code=$?
kill -TERM $body
wait $body && exit $code
