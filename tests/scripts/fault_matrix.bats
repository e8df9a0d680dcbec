#!/usr/bin/env bats
# tests/fault-matrix.tsv says which fault is tested where; it names tests that exist, and its page is up to date.

@test "every cell of the fault matrix is a test, and docs/fault-matrix.md shows it" {
  run "$BATS_TEST_DIRNAME/../../scripts/fault-matrix" --check
  echo "$output"
  [ "$status" -eq 0 ]
}
