#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage: run.sh BUILD FUZZER [OPTIONS]
# A fixed run of one fuzzer from its seeds: the same inputs each time, some seconds. With OPTIONS
# (say -max_total_time=3600) a longer one; what it finds stays in BUILD/corpus.

build=$1
fuzzer=$2
shift 2
corpus=$build/corpus
if [ $# -eq 0 ]; then
	corpus=$build/corpus.fixed
	rm -rf "$corpus"
	set -- -seed=1 -runs=5000
fi
"$build/seeds" "$corpus" || exit 1
mkdir -p "$corpus/$fuzzer" "$build/found"
if "$build/$fuzzer" -max_len=4096 -timeout=10 -artifact_prefix="$build/found/" "$@" \
	"$corpus/$fuzzer"; then
	echo "$fuzzer: 1 passed, 0 failed"
else
	echo "$fuzzer: 0 passed, 1 failed"
	exit 1
fi
