-- Gives every report a bucket of 0..99 that depends on nothing but its id, so that a report goes to
-- the candidate once the share has grown past its bucket, and stays there while the share grows.
-- Creates without a report have no bucket: Envoy then draws a random number for each.
function envoy_on_request(handle)
  local headers = handle:headers()
  headers:remove("x-cutover-bucket")
  local id = headers:get(":path"):match("^/+deduper/jobs/reportId/0*([^/?]+)")
  if id == nil then return end
  local hash = 5381
  for position = 1, #id do hash = (hash * 33 + id:byte(position)) % 1000003 end
  headers:add("x-cutover-bucket", tostring((hash * 7919) % 100))
end
