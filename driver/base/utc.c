/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include <stdio.h>

#define DAY         INT64_C(86400)
#define YEAR        INT64_C(365)
#define FOUR_YEARS  INT64_C(1460)   /* without the leap day that ends them */
#define CENTURY     INT64_C(36524)  /* the same */
#define ERA         INT64_C(146097) /* 400 years, all days */
#define MARCH_OF_0  INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */
#define FIVE_MONTHS INT64_C(153)    /* from March, and again from August: 31 30 31 30 31 */

struct date {
	int64_t year;
	int64_t month; /* 1 to 12 */
	int64_t day;
};

/* The Gregorian calendar, its years counted from 1 March: then a leap day is a year's last. */
static struct date date_of(int64_t days)
{
	const int64_t era = (days + MARCH_OF_0) / ERA, of_era = (days + MARCH_OF_0) % ERA;
	const int64_t year =
		(of_era - of_era / FOUR_YEARS + of_era / CENTURY - of_era / (ERA - 1)) / YEAR;
	const int64_t of_year = of_era - (YEAR * year + year / 4 - year / 100);
	const int64_t month = (5 * of_year + 2) / FIVE_MONTHS; /* 0 is March */

	return (struct date){
		.year = year + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (FIVE_MONTHS * month + 2) / 5 + 1,
	};
}

const char *utc_text(int64_t seconds, char ret[UTC_TEXT_MAX])
{
	const struct date date = date_of(seconds / DAY);
	const int of_day = (int)(seconds % DAY);

	(void)snprintf(ret, UTC_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", (int)date.year,
		       (int)date.month, (int)date.day, of_day / 3600, of_day / 60 % 60,
		       of_day % 60);
	return ret;
}
