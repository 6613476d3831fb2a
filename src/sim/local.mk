# The simulator.  All but main() is a library, which tests link.
noinst_LIBRARIES += libgcpresence-sim.a
libgcpresence_sim_a_SOURCES = \
	src/sim/act.c \
	src/sim/act.h \
	src/sim/address.c \
	src/sim/address.h \
	src/sim/arg.c \
	src/sim/arg.h \
	src/sim/call.h \
	src/sim/channel.c \
	src/sim/channel.h \
	src/sim/control.c \
	src/sim/control.h \
	src/sim/directive.c \
	src/sim/directive.h \
	src/sim/directory.c \
	src/sim/directory.h \
	src/sim/door.c \
	src/sim/door.h \
	src/sim/eventsock.c \
	src/sim/eventsock.h \
	src/sim/fault.c \
	src/sim/fault.h \
	src/sim/frame.c \
	src/sim/frame.h \
	src/sim/journal.c \
	src/sim/journal.h \
	src/sim/listener.c \
	src/sim/listener.h \
	src/sim/net.c \
	src/sim/net.h \
	src/sim/notify.c \
	src/sim/notify.h \
	src/sim/oauth.c \
	src/sim/oauth.h \
	src/sim/pace.c \
	src/sim/pace.h \
	src/sim/page.c \
	src/sim/page.h \
	src/sim/query.c \
	src/sim/query.h \
	src/sim/reply.c \
	src/sim/reply.h \
	src/sim/request.c \
	src/sim/request.h \
	src/sim/rest.c \
	src/sim/rest.h \
	src/sim/restchannel.c \
	src/sim/restmember.c \
	src/sim/restunit.c \
	src/sim/restuser.c \
	src/sim/route.c \
	src/sim/route.h \
	src/sim/script.c \
	src/sim/script.h \
	src/sim/sim.c \
	src/sim/sim.h \
	src/sim/simopt.c \
	src/sim/simopt.h \
	src/sim/socket.c \
	src/sim/socket.h \
	src/sim/stream.c \
	src/sim/stream.h \
	src/sim/text.c \
	src/sim/text.h \
	src/sim/topic.c \
	src/sim/topic.h \
	src/sim/topiclist.c \
	src/sim/topiclist.h \
	src/sim/web.c \
	src/sim/web.h \
	src/sim/wire.c \
	src/sim/wire.h \
	src/sim/word.c \
	src/sim/word.h \
	src/sim/world.c \
	src/sim/world.h

bin_PROGRAMS += gcpresence-sim
gcpresence_sim_SOURCES = src/sim/main.c
gcpresence_sim_LDADD = libgcpresence-sim.a $(LDADD)
dist_man_MANS += man/gcpresence-sim.1
