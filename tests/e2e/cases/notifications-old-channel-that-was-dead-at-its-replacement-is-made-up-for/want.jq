map([.state, .source]) == [["AVAILABLE","snapshot"],["AWAY","snapshot"]]
