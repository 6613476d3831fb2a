#include "config.h"

#include "terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "setting.h"

size_t
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	int64_t number;

	if (columns != NULL && setting_parse_number(columns, &number) == 0 &&
	    number > 0 && number < 100000)
		return (size_t)number;
	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return 0;
	return size.ws_col;
}

size_t
terminal_width_of(const char *text)
{
	size_t width = 0, widest = 0;
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t len;
	int cells;

	while (*text != '\0') {
		len = mbrtowc(&wide, text, MB_CUR_MAX, &state);
		if (len == (size_t)-1 || len == (size_t)-2 || len == 0)
			len = 1;
		else if (wide == L'\n')
			width = 0;
		else if ((cells = wcwidth(wide)) > 0)
			width += (size_t)cells;
		if (width > widest)
			widest = width;
		text += len;
	}
	return widest;
}
