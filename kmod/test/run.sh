#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage: run.sh BUILD TESTS SCRIPTS FUZZERS
# Runs them all; the last line has the sum of their figures, the status says whether all passed.
# With FUZZ_SECONDS each fuzzer goes on for so long, from where it stopped before.
# A test that dies, or says nothing, counts as one failure.

build=$1
passed=0
failed=0

run() {
	name=$1
	shift
	output=$("$@" 2>&1)
	status=$?
	line=$(printf '%s\n' "$output" | grep -E '[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
	p=$(printf '%s\n' "$line" | sed -n 's/.*[^0-9]\([0-9]*\) passed.*/\1/p')
	f=$(printf '%s\n' "$line" | sed -n 's/.*[^0-9]\([0-9]*\) failed.*/\1/p')
	if [ -z "$line" ] || { [ "$status" -ne 0 ] && [ "${f:-0}" -eq 0 ]; }; then
		f=$((${f:-0} + 1))
		line="$name: ended with status $status"
	fi
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	if [ "${f:-0}" -ne 0 ]; then
		printf '%s\n' "$output"
	fi
	printf '%s\n' "$line"
}

for test in $2; do
	run "$test" "$build/$test"
done
for script in $3; do
	run "$script" sh "./$script" "$build"
done
for fuzzer in $4; do
	run "$fuzzer" sh ../fuzz/run.sh "$build" "$fuzzer" \
		${FUZZ_SECONDS:+-max_total_time="$FUZZ_SECONDS"}
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
