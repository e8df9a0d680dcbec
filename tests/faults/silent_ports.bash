# shellcheck shell=bash
# Addresses and ports that take no connection and refuse none, as a firewall or a VPN that is off makes them.

# `silence ADDRESS PORT…`: their SYNs are swallowed from now on; `silent_pid` ends it. A listener that accepts nothing does it once its
# queue is full.
silence() {
  python3 -c '
import socket, sys, time
kept = []
for port in sys.argv[2:]:
    listener = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(port)))
    listener.listen(0)
    kept.append(listener)
    for _ in range(2):
        filler = socket.socket(listener.family)
        filler.setblocking(False)
        filler.connect_ex((sys.argv[1], listener.getsockname()[1]))
        kept.append(filler)
print(kept[0].getsockname()[1], flush=True)
time.sleep(300)' "$@" >"$BATS_TEST_TMPDIR/silent-$1" 3>&- &
  silent_pids+=($!)
  wait_for 10 test -s "$BATS_TEST_TMPDIR/silent-$1"
}

end_silence() {
  local pid
  for pid in "${silent_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  silent_pids=()
}
