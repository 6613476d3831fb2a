// What people write with Node and "ws": a Map of states, a line for a change.
//   node stream.js URL CA-FILE|- COUNT each|batched
// each: a line is written as soon as it is made, as in most programs; batched:
// the lines of one turn go out together, as gcpresence's do.
"use strict";
const fs = require("fs");
const WebSocket = require("ws");

const [url, ca, count, how] = process.argv.slice(2);
const socket = new WebSocket(url, {
  ca: ca === "-" ? undefined : fs.readFileSync(ca),
  perMessageDeflate: false,
});
const states = new Map();
let lines = "";
let seen = 0;

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
    const line = JSON.stringify(change) + "\n";
    if (how === "batched") {
      if (lines === "") setImmediate(flush);
      lines += line;
    } else {
      process.stdout.write(line);
    }
  }
  if (++seen === Number(count)) {
    flush();
    socket.terminate();
  }
});
