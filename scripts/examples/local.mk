# Examples, installed where the manual says.
examplesdir = $(pkgdatadir)/examples
dist_examples_SCRIPTS = \
	scripts/examples/act-on-change \
	scripts/examples/time-in-state \
	scripts/examples/to-kafka \
	scripts/examples/to-redis \
	scripts/examples/to-sqlite \
	scripts/examples/webhook
dist_examples_DATA = \
	scripts/examples/crontab \
	scripts/examples/logrotate \
	scripts/examples/team.yaml
