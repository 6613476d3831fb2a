// The same over a recording: node replay.js FILE
"use strict";
const fs = require("fs");

const states = new Map();
const file = fs.openSync(process.argv[2]);
const block = Buffer.alloc(1 << 20);
let rest = "";
let lines = [];

function take(line) {
  const message = JSON.parse(line);
  const body = message.eventBody;
  const user = message.topicName.slice(9, -9);
  const state = body.presenceDefinition.systemPresence;
  const previous = states.get(user);
  if (previous === state) return;
  states.set(user, state);
  lines.push(
    JSON.stringify({
      userId: user,
      state: state,
      previousState: previous === undefined ? null : previous,
      presenceId: body.presenceDefinition.id,
      timestamp: body.modifiedDate,
    }),
  );
}

for (;;) {
  const got = fs.readSync(file, block);
  if (got === 0) break;
  const parts = (rest + block.latin1Slice(0, got)).split("\n");
  rest = parts.pop();
  for (const line of parts) take(line);
  if (lines.length > 0) fs.writeSync(1, lines.join("\n") + "\n");
  lines = [];
}
