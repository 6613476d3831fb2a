map([.userId[-1:], .state]) == [["1","AVAILABLE"],["2","AVAILABLE"],["2","BUSY"]]
