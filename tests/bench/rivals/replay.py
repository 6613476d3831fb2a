"""The same over a recording, in Python: replay.py FILE"""

import json
import sys

states = {}
with open(sys.argv[1], encoding="utf-8") as recording:
    for line in recording:
        message = json.loads(line)
        body = message["eventBody"]
        user = message["topicName"][9:-9]
        state = body["presenceDefinition"]["systemPresence"]
        previous = states.get(user)
        if previous == state:
            continue
        states[user] = state
        change = {
            "userId": user,
            "state": state,
            "previousState": previous,
            "presenceId": body["presenceDefinition"]["id"],
            "timestamp": body["modifiedDate"],
        }
        sys.stdout.write(json.dumps(change, separators=(",", ":")) + "\n")
