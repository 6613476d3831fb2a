# What hostile servers, names and files could do: to our secrets, and to whatever
# reads what the programs print.
TESTS += tests/hostile/test_hosts.py

EXTRA_DIST += \
	tests/hostile/canary.py \
	tests/hostile/test_hosts.py
