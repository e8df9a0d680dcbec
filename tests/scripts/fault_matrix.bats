#!/usr/bin/env bats
# tests/fault-matrix.tsv says which fault is tested where; it names tests that exist.

setup() { repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd); }

test_names() {
  grep -rhoE '^@test "[^"]+"' "$repository"/tests/*/*.bats | sed -E 's/^@test "(.*)"$/\1/'
  grep -rhoE '^TEST_CASE\("[^"]+"' "$repository"/tests/unit "$repository"/tests/integration | sed -E 's/^TEST_CASE\("(.*)"$/\1/'
}

@test "every cell of the fault matrix is a test" {
  local fault phase outcome name missing=0
  test_names >"$BATS_TEST_TMPDIR/names"
  while IFS=$'\t' read -r fault phase outcome name; do
    [ -n "$fault" ] && [ -n "$phase" ] && [ -n "$outcome" ]
    grep -qxF -- "$name" "$BATS_TEST_TMPDIR/names" || {
      echo "no test \"$name\""
      missing=1
    }
  done < <(tail -n +2 "$repository/tests/fault-matrix.tsv")
  [ "$missing" -eq 0 ]
}
