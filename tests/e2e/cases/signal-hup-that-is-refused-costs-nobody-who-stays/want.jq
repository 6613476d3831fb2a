map(.state) == ["AVAILABLE", "AVAILABLE", "BUSY"]
