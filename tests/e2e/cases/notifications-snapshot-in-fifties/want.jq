length == 120 and (map(.userId) | unique | length) == 120 and all(.[]; .state == "AVAILABLE" and .source == "snapshot")
