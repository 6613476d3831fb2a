#include "config.h"

#include "percent.h"

#include <string.h>

void
percent_put(struct buf *buf, struct span text)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char byte;
	size_t i;

	for (i = 0; i < text.len; i++) {
		byte = (unsigned char)text.at[i];
		if ((byte >= 'a' && byte <= 'z') ||
		    (byte >= 'A' && byte <= 'Z') ||
		    (byte >= '0' && byte <= '9') ||
		    (byte != '\0' && strchr("-._~", byte) != NULL)) {
			buf_char(buf, (char)byte);
		} else {
			buf_char(buf, '%');
			buf_char(buf, digits[byte >> 4]);
			buf_char(buf, digits[byte & 15]);
		}
	}
}
