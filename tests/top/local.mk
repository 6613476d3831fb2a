# The table: its modules, and the program in a terminal (tmux).
TESTS += tests/top/test_top.py
EXTRA_DIST += \
	tests/top/pane.py \
	tests/top/test_top.py

top_unit_ldadd = libgcpresence-top.a libgcpresence.a $(JSONC_LIBS) \
	$(CURSES_LIBS) $(PTHREAD_LIBS) $(CMOCKA_LIBS) -lm

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/top/test_bar \
	tests/top/test_board \
	tests/top/test_cells \
	tests/top/test_layout \
	tests/top/test_lines \
	tests/top/test_listing \
	tests/top/test_rate \
	tests/top/test_record \
	tests/top/test_say \
	tests/top/test_view

tests_top_test_bar_SOURCES = tests/top/test_bar.c
tests_top_test_bar_CFLAGS = $(unit_cflags)
tests_top_test_bar_LDADD = $(top_unit_ldadd)

tests_top_test_board_SOURCES = tests/top/test_board.c
tests_top_test_board_CFLAGS = $(unit_cflags)
tests_top_test_board_LDADD = $(top_unit_ldadd)

tests_top_test_cells_SOURCES = tests/top/test_cells.c
tests_top_test_cells_CFLAGS = $(unit_cflags)
tests_top_test_cells_LDADD = $(top_unit_ldadd)

tests_top_test_layout_SOURCES = tests/top/test_layout.c
tests_top_test_layout_CFLAGS = $(unit_cflags)
tests_top_test_layout_LDADD = $(top_unit_ldadd)

tests_top_test_lines_SOURCES = tests/top/test_lines.c
tests_top_test_lines_CFLAGS = $(unit_cflags)
tests_top_test_lines_LDADD = $(top_unit_ldadd)

tests_top_test_listing_SOURCES = tests/top/test_listing.c
tests_top_test_listing_CFLAGS = $(unit_cflags)
tests_top_test_listing_LDADD = $(top_unit_ldadd)

tests_top_test_rate_SOURCES = tests/top/test_rate.c
tests_top_test_rate_CFLAGS = $(unit_cflags)
tests_top_test_rate_LDADD = $(top_unit_ldadd)

tests_top_test_record_SOURCES = tests/top/test_record.c
tests_top_test_record_CFLAGS = $(unit_cflags)
tests_top_test_record_LDADD = $(top_unit_ldadd)

tests_top_test_say_SOURCES = tests/top/test_say.c
tests_top_test_say_CFLAGS = $(unit_cflags)
tests_top_test_say_LDADD = $(top_unit_ldadd)

tests_top_test_view_SOURCES = tests/top/test_view.c
tests_top_test_view_CFLAGS = $(unit_cflags)
tests_top_test_view_LDADD = $(top_unit_ldadd)
endif
