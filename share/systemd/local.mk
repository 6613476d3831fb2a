# Units for systemd.  What both services share is in one file.
EXTRA_DIST += \
	share/systemd/gcpresence-once@.service.in \
	share/systemd/gcpresence-once@.timer \
	share/systemd/gcpresence@.service.in \
	share/systemd/sandbox.conf

units = \
	share/systemd/gcpresence@.service \
	share/systemd/gcpresence-once@.service

CLEANFILES += $(units)

SUFFIXES = .service.in .service
.service.in.service:
	$(AM_V_GEN)$(MKDIR_P) share/systemd && \
	sed -e '/^[@]sandbox@$$/{' -e 'r $(srcdir)/share/systemd/sandbox.conf' -e d -e '}' \
		-e 's|[@]bindir@|$(bindir)|g' -e 's|[@]sysconfdir@|$(sysconfdir)|g' \
		$< > $@.tmp && mv $@.tmp $@

$(units): share/systemd/sandbox.conf Makefile

if WITH_UNITS
systemdsystemunit_DATA = \
	$(units) \
	share/systemd/gcpresence-once@.timer
endif
