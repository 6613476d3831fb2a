# The report: its pure parts, and all of it from outside.
TESTS += tests/report/test_report.py
EXTRA_DIST += \
	scripts/picture \
	share/timeline.svg \
	tests/report/day.py \
	tests/report/on_figures.py \
	tests/report/on_files.py \
	tests/report/on_pictures.py \
	tests/report/on_programs.py \
	tests/report/recording.py \
	tests/report/test_report.py

if HAVE_CMOCKA
check_PROGRAMS += tests/report/test_story
tests_report_test_story_SOURCES = \
	tests/report/test_story.c \
	tests/unit/test.h \
	src/report/blinds.c \
	src/report/story.c
tests_report_test_story_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/src/report -I$(top_srcdir)/tests/unit
tests_report_test_story_CFLAGS = $(unit_cflags)
tests_report_test_story_LDADD = $(unit_ldadd)
endif
