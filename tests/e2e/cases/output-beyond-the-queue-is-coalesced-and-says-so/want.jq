(map(select(.userId == "user-1")) | length + (map(.coalesced // 0) | add) == 1500 and last.timestamp == "2026-01-01T09:25:00.000Z")
and (map(select(.userId == "user-2")) | map([.state, .coalesced]) == [["MEAL", null]])
and (map(select(.coalesced)) | length >= 1)
and (map(select(.userId == "user-1").timestamp) | . == unique)
