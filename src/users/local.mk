# User IDs from the service.  All but main() is a library, which tests link.
noinst_LIBRARIES += libgcpresence-users.a
libgcpresence_users_a_SOURCES = \
	src/users/ask.c \
	src/users/ask.h \
	src/users/asked.c \
	src/users/asked.h \
	src/users/clean.c \
	src/users/clean.h \
	src/users/emails.c \
	src/users/emails.h \
	src/users/find.c \
	src/users/find.h \
	src/users/form.c \
	src/users/form.h \
	src/users/pages.c \
	src/users/pages.h \
	src/users/people.c \
	src/users/people.h \
	src/users/place.c \
	src/users/place.h \
	src/users/row.c \
	src/users/row.h \
	src/users/users.c \
	src/users/users.h \
	src/users/usersopt.c \
	src/users/usersopt.h

bin_PROGRAMS += gcpresence-users
gcpresence_users_SOURCES = src/users/main.c
gcpresence_users_LDADD = libgcpresence-users.a $(LDADD)
dist_man_MANS += man/gcpresence-users.1
