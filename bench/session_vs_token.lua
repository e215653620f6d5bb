-- For wrk: asks for /profile with one token of the file after the other, and prints the figures as one line of JSON.
local requests, at = {}, 0

function init(arguments)
  for token in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", "/profile", {["Host"] = "localhost", ["Authorization"] = "Bearer " .. token})
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors
  print(string.format('FIGURES {"requests": %d, "seconds": %f, "p50_us": %f, "p99_us": %f, "failed": %d}', summary.requests,
    summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
