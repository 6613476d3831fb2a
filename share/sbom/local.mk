# What the programs are made of, as configure found it: make sbom
EXTRA_DIST += share/sbom/sbom
nodist_doc_DATA = gcpresence.spdx.json
CLEANFILES += gcpresence.spdx.json

gcpresence.spdx.json: share/sbom/sbom Makefile
	$(AM_V_GEN)$(SHELL) $(srcdir)/share/sbom/sbom '$(VERSION)' \
		$(srcdir)/configure.ac $(SBOM_LIBRARIES) > $@.tmp && \
	mv $@.tmp $@

sbom: gcpresence.spdx.json
.PHONY: sbom
