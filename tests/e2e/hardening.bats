#!/usr/bin/env bats
# What a release build is hardened with, read off the program itself.

setup() {
  program=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)/build/milo-perf
  readelf --wide --file-header --program-headers --dynamic "$program" >"$BATS_TEST_TMPDIR/elf"
  readelf --wide --symbols --dyn-syms "$program" >"$BATS_TEST_TMPDIR/symbols"
}

@test "the program is position-independent" {
  grep -Eq '^ *Type: +DYN ' "$BATS_TEST_TMPDIR/elf"
  grep -Eq 'FLAGS_1.*PIE' "$BATS_TEST_TMPDIR/elf"
}

@test "relocations are read-only and bound at the start" {
  grep -q GNU_RELRO "$BATS_TEST_TMPDIR/elf"
  grep -Eq 'BIND_NOW|FLAGS_1.*NOW' "$BATS_TEST_TMPDIR/elf"
}

@test "the stack is protected and not executable" {
  grep -q __stack_chk_fail "$BATS_TEST_TMPDIR/symbols"
  grep -E 'GNU_STACK' "$BATS_TEST_TMPDIR/elf" | grep -qv 'RWE'
}

@test "copies of known size are checked" {
  grep -Eq '__[a-z_]+_chk' <(grep -v __stack_chk "$BATS_TEST_TMPDIR/symbols")
}
