# What comes with the programs: units for systemd, completions, schemas.
integration_tests = \
	tests/integration/packages.t \
	tests/integration/test_check.py \
	tests/integration/test_completion.py \
	tests/integration/test_hardening.py \
	tests/integration/test_sbom.py \
	tests/integration/test_schema.py \
	tests/integration/test_systemd.py
TESTS += $(integration_tests)
EXTRA_DIST += $(integration_tests)
