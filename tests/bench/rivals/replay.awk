# The same over a recording, in awk, which splits at the quotes and trusts the
# order of the members: mawk -F'"' -f replay.awk FILE
{
	user = substr($4, 10, 36)
	state = $24
	if (states[user] == state)
		next
	print "{\"userId\":\"" user "\",\"state\":\"" state \
	    "\",\"previousState\":\"" states[user] "\",\"presenceId\":\"" $20 \
	    "\",\"timestamp\":\"" $34 "\"}"
	states[user] = state
}
