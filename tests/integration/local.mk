# What comes with the programs: units for systemd, completions, schemas.
TESTS += \
	tests/integration/test_systemd.py

EXTRA_DIST += \
	tests/integration/test_systemd.py
