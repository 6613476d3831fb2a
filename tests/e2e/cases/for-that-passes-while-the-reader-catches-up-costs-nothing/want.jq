length == 900
