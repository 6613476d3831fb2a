# Makes a shell's completion of what a program says of itself:
#
#     gcpresence --help | awk -v shell=bash -f complete.awk
#
# shell is bash, zsh or fish.  The help of all the programs comes from one
# engine (src/setting.c), which writes an option as
#
#       -f, --file FILE             what it is, and so on in the lines below,
#                                   which start here
#
# with two spaces at least in front of what it is.  The argument is FILE, or
# its choices with | between, or another word.

# Text within single quotes.
function quoted(text) {
	if (shell == "fish")
		gsub(/[\\']/, "\\\\&", text)
	else
		gsub(/'/, "'\\''", text)
	return "'" text "'"
}

function is_choice(argument) {
	return argument ~ /\|/ && argument !~ /[A-Z]/
}

function words(choices) {
	gsub(/\|/, " ", choices)
	return choices
}

# "-f" and "--file", with a text between.
function spelled(i, between) {
	return (letters[i] == "" ? "" : "-" letters[i] between) "--" names[i]
}

/^usage: / {
	program = $2
	in_usage = 1
}

in_usage && /\[FILE \.\.\.\]/ {
	takes_files = 1
}

/^options:$/ {
	in_options = 1
	next
}

NF == 0 {
	in_usage = in_options = 0
}

in_options && /^  (-.,|   ) --/ {
	count++
	letters[count] = substr($0, 3, 1) == "-" ? substr($0, 4, 1) : ""
	rest = substr($0, 9)
	names[count] = rest
	sub(/ .*/, "", names[count])
	rest = substr(rest, length(names[count]) + 1)
	if (rest ~ /^ [^ ]/) {
		rest = substr(rest, 2)
		arguments[count] = rest
		sub(/ .*/, "", arguments[count])
		rest = substr(rest, length(arguments[count]) + 1)
	}
	sub(/^ +/, "", rest)
	helps[count] = rest
	next
}

in_options {
	rest = $0
	sub(/^ +/, "", rest)
	helps[count] = helps[count] (helps[count] == "" ? "" : " ") rest
}

function bash(  function_name, i, all) {
	function_name = "_" program
	gsub(/-/, "_", function_name)
	print "# bash completion of " program ", made of its --help"
	print function_name "() {"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]}"
	print "\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]} words= files="
	print "\t# bash takes --option=value for three words."
	print "\tif [[ $cur == = ]]; then"
	print "\t\tcur="
	print "\telif [[ $prev == = ]]; then"
	print "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}"
	print "\tfi"
	print "\tCOMPREPLY=()"
	print "\tcase $prev in"
	for (i = 1; i <= count; i++) {
		all = all " --" names[i]
		if (arguments[i] == "")
			continue
		print "\t" spelled(i, " | ") ")"
		if (is_choice(arguments[i]))
			print "\t\twords=" quoted(words(arguments[i]))
		else if (arguments[i] == "FILE")
			print "\t\tfiles=yes"
		else if (names[i] == "region")
			print "\t\twords=$(" program \
			    " --list-regions 2>/dev/null | cut -d ' ' -f 1)"
		print "\t\t;;"
	}
	print "\t*)"
	if (takes_files) {
		print "\t\tif [[ $cur == -* ]]; then"
		print "\t\t\twords=" quoted(substr(all, 2))
		print "\t\telse"
		print "\t\t\tfiles=yes"
		print "\t\tfi"
	} else {
		print "\t\twords=" quoted(substr(all, 2))
	}
	print "\t\t;;"
	print "\tesac"
	print "\tif [[ -n $files ]]; then"
	print "\t\tcompopt -o filenames 2>/dev/null"
	print "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
	print "\telif [[ -n $words ]]; then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")"
	print "\tfi"
	print "}"
	print "complete -F " function_name " " program
}

# What zsh's _arguments reads as its own, within a description or a message.
function plain(text) {
	gsub(/\\|:|\[|\]/, "\\\\&", text)
	return text
}

function zsh(  i, action) {
	print "#compdef " program
	print "# zsh completion, made of the program's --help"
	print "_arguments -s -S \\"
	for (i = 1; i <= count; i++) {
		action = " "
		if (is_choice(arguments[i]))
			action = "(" words(arguments[i]) ")"
		else if (arguments[i] == "FILE")
			action = "_files"
		else if (names[i] == "region")
			action = "{compadd -- $(" program \
			    " --list-regions 2>/dev/null | cut -d \" \" -f 1)}"
		if (arguments[i] != "")
			action = ":" plain(is_choice(arguments[i]) \
			    ? names[i] : arguments[i]) ":" action
		else
			action = ""
		printf "\t'*'%s%s%s%s \\\n",
		    letters[i] == "" ? "" : \
			"{-" letters[i] (action == "" ? "" : "+") ",",
		    "--" names[i] (action == "" ? "" : "="),
		    letters[i] == "" ? "" : "}",
		    quoted("[" plain(helps[i]) "]" action)
	}
	print "\t" quoted(takes_files ? "*:file:_files" : "*: : ")
}

function fish(  i) {
	print "# fish completion of " program ", made of its --help"
	if (!takes_files)
		print "complete -c " program " -f"
	for (i = 1; i <= count; i++) {
		printf "complete -c %s", program
		if (letters[i] != "")
			printf " -s %s", letters[i]
		printf " -l %s", names[i]
		if (is_choice(arguments[i]))
			printf " -x -a %s", quoted(words(arguments[i]))
		else if (arguments[i] == "FILE")
			printf " -r -F"
		else if (names[i] == "region")
			printf " -x -a %s", quoted("(" program \
			    " --list-regions 2>/dev/null | cut -d ' ' -f 1)")
		else if (arguments[i] != "")
			printf " -x"
		print " -d " quoted(helps[i])
	}
}

END {
	if (program == "" || count == 0) {
		print "complete.awk: this is no help text" >"/dev/stderr"
		exit 1
	}
	# A folder's name will do.
	sub(/.*\//, "", shell)
	if (shell == "bash")
		bash()
	else if (shell == "zsh")
		zsh()
	else
		fish()
}
