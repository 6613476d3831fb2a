# The same over a recording, in jq: jq -nc -f replay.jq FILE
# One flat object, and setpath(): whatever else would copy all users each time.
foreach inputs as $message (
  {};
  $message.topicName[9:-9] as $user
  | $message.eventBody.presenceDefinition.systemPresence as $state
  | getpath([$user]) as $previous
  | if $previous == $state then setpath([""]; null)
    else setpath([$user]; $state)
    | setpath([""]; {userId: $user, state: $state,
        previousState: $previous,
        presenceId: $message.eventBody.presenceDefinition.id,
        timestamp: $message.eventBody.modifiedDate})
    end;
  getpath([""]) | values
)
