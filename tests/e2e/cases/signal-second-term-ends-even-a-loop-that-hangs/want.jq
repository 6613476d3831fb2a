length == 0
