# shellcheck shell=bash
# For tests and benchmarks that are not about Milo's controller.

# A project controller that is done at once, in place of one that is as slow as Milo's; what is set already stays.
use_fast_controller() {
  export STACK_CONTROLLER_WORKERS=${STACK_CONTROLLER_WORKERS:-64} STACK_CONTROLLER_QPS=${STACK_CONTROLLER_QPS:-0} \
    STACK_READY_DELAY=${STACK_READY_DELAY:-200ms} STACK_READY_SPREAD=${STACK_READY_SPREAD:-100ms} STACK_PURGE_DELAY=${STACK_PURGE_DELAY:-100ms}
}
