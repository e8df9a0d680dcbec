-- wrk: POSTs Secrets with unique names and the same body as milo-perf's.
local counter = 0
local prefix, path, token

function init(args)
  prefix, path, token = args[1], args[2], args[3]
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. token
end

function request()
  counter = counter + 1
  local body = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"' .. prefix .. counter ..
    '","labels":{"app":"milo-perf","test-id":"bench"}},"type":"Opaque","stringData":{"note":"created by milo-perf"}}'
  return wrk.format("POST", path, nil, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"wall_seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
