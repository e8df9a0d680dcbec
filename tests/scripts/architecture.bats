#!/usr/bin/env bats
# src/folders.tsv says which folder of src/ may include which; it is what the files do, and what the pages show.

setup() {
  architecture=$BATS_TEST_DIRNAME/../../scripts/architecture
}

@test "no folder includes upward, and README and docs/architecture.md show the table" {
  run "$architecture" --check
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "an include that the table does not allow is told with its file" {
  local copy=$BATS_TEST_TMPDIR/copy
  mkdir -p "$copy"
  cp -r "$BATS_TEST_DIRNAME/../../"{src,docs,README.md,scripts} "$copy"
  printf '#include "session/session.hpp"\n' >>"$copy/src/kube/client.hpp"
  run "$copy/scripts/architecture" --check
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"error: src/kube/client.hpp includes session/, and src/folders.tsv does not allow it to kube."* ]]
}
