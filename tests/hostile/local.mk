# What hostile servers, names and files could do: to our secrets, and to whatever
# reads what the programs print.
TESTS += \
	tests/hostile/test_hosts.py \
	tests/hostile/test_lines.py \
	tests/hostile/test_pipes.py \
	tests/hostile/test_words.py

EXTRA_DIST += \
	tests/hostile/canary.py \
	tests/hostile/here.py \
	tests/hostile/payloads.py \
	tests/hostile/test_hosts.py \
	tests/hostile/test_lines.py \
	tests/hostile/test_pipes.py \
	tests/hostile/test_words.py \
	tests/hostile/texts.py
