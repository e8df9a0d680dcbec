# shellcheck shell=bash
# Settings of the stacks that tests bring up.

# A project controller that is done at once, in place of one that is as slow as Milo's.
use_fast_controller() {
  export STACK_CONTROLLER_WORKERS=64 STACK_CONTROLLER_QPS=0 STACK_READY_DELAY=200ms STACK_READY_SPREAD=100ms STACK_PURGE_DELAY=100ms
}
