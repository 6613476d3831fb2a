length == 900 and (map(.timestamp) | . == (unique)) and all(.[1:][]; .previousForMs == 1000 and .previousState != .state) and all(.[]; has("coalesced") | not)
