map(.userId) == ["${U1}", "${U1}"]
