map([.userId[-1:], .state]) | (.[:2] | sort) == [["1","AVAILABLE"],["3","AVAILABLE"]] and .[2:] == [["1","BUSY"]]
