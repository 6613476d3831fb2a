/*
 * digits: numbers below 100 as two decimal digits, by a table.
 *
 * A division for each digit was a tenth of the cost of a line.
 */
#ifndef GCP_DIGITS_H
#define GCP_DIGITS_H

#include <stddef.h>

static inline void
digits_put_two(char *at, unsigned int number)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	const char *pair = &pairs[2 * (size_t)number];

	at[0] = pair[0];
	at[1] = pair[1];
}

#endif
