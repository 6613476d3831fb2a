# gcpresence-users: its modules, and the program against the simulator and
# another service.
TESTS += tests/users/test_users.py
EXTRA_DIST += \
	tests/users/bench.py \
	tests/users/directory.py \
	tests/users/on_errors.py \
	tests/users/on_lists.py \
	tests/users/on_program.py \
	tests/users/test_users.py

users_unit_ldadd = libgcpresence-users.a $(LDADD) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/users/test_asked \
	tests/users/test_clean \
	tests/users/test_people \
	tests/users/test_row

tests_users_test_asked_SOURCES = tests/users/test_asked.c
tests_users_test_asked_CFLAGS = $(unit_cflags)
tests_users_test_asked_LDADD = $(users_unit_ldadd)

tests_users_test_clean_SOURCES = tests/users/test_clean.c
tests_users_test_clean_CFLAGS = $(unit_cflags)
tests_users_test_clean_LDADD = $(users_unit_ldadd)

tests_users_test_people_SOURCES = tests/users/test_people.c
tests_users_test_people_CFLAGS = $(unit_cflags)
tests_users_test_people_LDADD = $(users_unit_ldadd)

tests_users_test_row_SOURCES = tests/users/test_row.c
tests_users_test_row_CFLAGS = $(unit_cflags)
tests_users_test_row_LDADD = $(users_unit_ldadd)
endif
