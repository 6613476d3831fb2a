map([.state, .source]) == [["AVAILABLE","snapshot"],["BUSY","stream"],["AWAY","snapshot"]]
