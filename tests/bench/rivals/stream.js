// What people write with Node and "ws": a Map of states, a line for a change.
//   node stream.js URL CA-FILE|- COUNT
"use strict";
const fs = require("fs");
const WebSocket = require("ws");

const [url, ca, count] = process.argv.slice(2);
const socket = new WebSocket(url, {
  ca: ca === "-" ? undefined : fs.readFileSync(ca),
  perMessageDeflate: false,
});
const states = new Map();
let lines = "";
let seen = 0;

// Lines of one turn go out together, as gcpresence's do.
function flush() {
  if (lines === "") return;
  process.stdout.write(lines);
  lines = "";
}

socket.on("message", (data) => {
  const message = JSON.parse(data);
  let change;
  if (message.topicName !== undefined) {
    const body = message.eventBody;
    change = {
      userId: message.topicName.slice(9, -9),
      state: body.presenceDefinition.systemPresence,
      previousState: null,
      presenceId: body.presenceDefinition.id,
      timestamp: body.modifiedDate,
    };
  } else {
    change = {
      userId: message.userId,
      state: message.state,
      previousState: null,
      presenceId: null,
      timestamp: message.timestamp,
    };
  }
  const previous = states.get(change.userId);
  if (previous !== change.state) {
    states.set(change.userId, change.state);
    change.previousState = previous === undefined ? null : previous;
    change.receivedAt = new Date().toISOString();
    if (lines === "") setImmediate(flush);
    lines += JSON.stringify(change) + "\n";
  }
  if (++seen === Number(count)) {
    flush();
    socket.terminate();
  }
});
