# The report.  All but main() is a library, which tests link.
noinst_LIBRARIES += libgcpresence-report.a
libgcpresence_report_a_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS)
libgcpresence_report_a_SOURCES = \
	src/report/blinds.c \
	src/report/blinds.h \
	src/report/book.c \
	src/report/book.h \
	src/report/bounds.h \
	src/report/crowd.c \
	src/report/crowd.h \
	src/report/legend.c \
	src/report/legend.h \
	src/report/lettering.c \
	src/report/lettering.h \
	src/report/lines.c \
	src/report/lines.h \
	src/report/looks.c \
	src/report/looks.h \
	src/report/names.c \
	src/report/names.h \
	src/report/out.c \
	src/report/out.h \
	src/report/page.c \
	src/report/page.h \
	src/report/people.c \
	src/report/people.h \
	src/report/picture.c \
	src/report/picture.h \
	src/report/reading.c \
	src/report/reading.h \
	src/report/record.c \
	src/report/record.h \
	src/report/repopt.c \
	src/report/repopt.h \
	src/report/scale.c \
	src/report/scale.h \
	src/report/script.c \
	src/report/script.h \
	src/report/sheet.c \
	src/report/sheet.h \
	src/report/story.c \
	src/report/story.h \
	src/report/strips.c \
	src/report/strips.h \
	src/report/sums.c \
	src/report/sums.h \
	src/report/table.c \
	src/report/table.h \
	src/report/tally.c \
	src/report/tally.h \
	src/report/terminal.c \
	src/report/terminal.h \
	src/report/theme.c \
	src/report/theme.h \
	src/report/view.h \
	src/report/zone.c \
	src/report/zone.h

bin_PROGRAMS += gcpresence-report
gcpresence_report_SOURCES = src/report/main.c
gcpresence_report_LDADD = libgcpresence-report.a libgcpresence.a \
	$(SMARTCOLS_LIBS) $(JSONC_LIBS) -lm
dist_man_MANS += man/gcpresence-report.1
