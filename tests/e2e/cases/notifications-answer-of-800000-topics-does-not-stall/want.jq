map([.userId[-1:], .state]) == [["1","BUSY"]]
