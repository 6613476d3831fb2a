# The table on the terminal.  All but main() is a library, which tests link.
noinst_LIBRARIES += libgcpresence-top.a
libgcpresence_top_a_CFLAGS = $(AM_CFLAGS) $(CURSES_CFLAGS)
libgcpresence_top_a_SOURCES = \
	src/top/bar.c \
	src/top/bar.h \
	src/top/board.c \
	src/top/board.h \
	src/top/capability.c \
	src/top/capability.h \
	src/top/cells.c \
	src/top/cells.h \
	src/top/help.c \
	src/top/help.h \
	src/top/kind.c \
	src/top/kind.h \
	src/top/layout.c \
	src/top/layout.h \
	src/top/lines.c \
	src/top/lines.h \
	src/top/listing.c \
	src/top/listing.h \
	src/top/paint.c \
	src/top/paint.h \
	src/top/rate.c \
	src/top/rate.h \
	src/top/reader.c \
	src/top/reader.h \
	src/top/record.c \
	src/top/record.h \
	src/top/rescue.c \
	src/top/rescue.h \
	src/top/say.c \
	src/top/say.h \
	src/top/screen.c \
	src/top/screen.h \
	src/top/signals.c \
	src/top/signals.h \
	src/top/summary.c \
	src/top/summary.h \
	src/top/terminal.c \
	src/top/terminal.h \
	src/top/top.c \
	src/top/top.h \
	src/top/topopt.c \
	src/top/topopt.h \
	src/top/view.c \
	src/top/view.h

bin_PROGRAMS += gcpresence-top
gcpresence_top_SOURCES = src/top/main.c
gcpresence_top_LDADD = libgcpresence-top.a libgcpresence.a \
	$(JSONC_LIBS) $(CURSES_LIBS) $(PTHREAD_LIBS) -lm
dist_man_MANS += man/gcpresence-top.1
