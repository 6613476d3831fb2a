# What shells complete, made of the programs' own help.
EXTRA_DIST += share/completion/complete.awk

bash_completions = \
	share/completion/bash/gcpresence \
	share/completion/bash/gcpresence-report \
	share/completion/bash/gcpresence-sim \
	share/completion/bash/gcpresence-top \
	share/completion/bash/gcpresence-users
zsh_completions = \
	share/completion/zsh/_gcpresence \
	share/completion/zsh/_gcpresence-report \
	share/completion/zsh/_gcpresence-sim \
	share/completion/zsh/_gcpresence-top \
	share/completion/zsh/_gcpresence-users
fish_completions = \
	share/completion/fish/gcpresence.fish \
	share/completion/fish/gcpresence-report.fish \
	share/completion/fish/gcpresence-sim.fish \
	share/completion/fish/gcpresence-top.fish \
	share/completion/fish/gcpresence-users.fish
completions = $(bash_completions) $(zsh_completions) $(fish_completions)

CLEANFILES += $(completions)

# "_gcpresence" and "gcpresence.fish" are of gcpresence, and their folder says
# of which shell.
$(completions): $(bin_PROGRAMS) share/completion/complete.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && program='$(@F)' && \
	program=$${program#_} && program=$${program%.fish} && \
	./$$program$(EXEEXT) --help >$@.help && $(AWK) -v shell='$(@D)' \
		-f $(srcdir)/share/completion/complete.awk $@.help >$@.new && \
	rm -f $@.help && mv -f $@.new $@

# Programs for another machine do not run on this one.
if !CROSS
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
bashcompletion_DATA = $(bash_completions)
zshcompletion_DATA = $(zsh_completions)
fishcompletion_DATA = $(fish_completions)
endif
