length == 900 and (map(.timestamp) | . == unique)
