# The same over a recording, in jq: jq -nc -f replay.jq FILE
foreach inputs as $message (
  {states: {}};
  ($message.topicName[9:-9]) as $user
  | ($message.eventBody.presenceDefinition.systemPresence) as $state
  | .previous = .states[$user]
  | if .previous == $state then .change = null
    else .change = {userId: $user, state: $state,
      previousState: .previous,
      presenceId: $message.eventBody.presenceDefinition.id,
      timestamp: $message.eventBody.modifiedDate}
    | .states[$user] = $state
    end;
  .change | values
)
