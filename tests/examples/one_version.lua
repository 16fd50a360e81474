-- For wrk: every answer must be a 200 with all records, all of them of one version.
local bad = 0
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init() seen = 0; mixed = 0; refused = 0 end

function response(status, headers, body)
  seen = seen + 1
  if status ~= 200 then refused = refused + 1 return end
  local version = body:match('"version":(%d+)')
  local records = 0
  for other in body:gmatch('"version":(%d+)') do
    records = records + 1
    if other ~= version then mixed = mixed + 1 return end
  end
  if records ~= 50 then mixed = mixed + 1 end
end

function done(summary)
  local seen, mixed, refused = 0, 0, 0
  for _, thread in ipairs(threads) do
    seen = seen + thread:get("seen")
    mixed = mixed + thread:get("mixed")
    refused = refused + thread:get("refused")
  end
  local errors = summary.errors
  print(string.format("answers %d, mixed %d, refused %d, socket errors %d", seen, mixed, refused,
    errors.connect + errors.read + errors.write + errors.timeout))
end
