#include "config.h"

#include "query.h"

#include "call.h"
#include "jget.h"

/* The service's own limits. */
#define MAX_PAGE   100
#define MAX_VALUES 25

/* Whether text has part at the start, anywhere, or is it. */
typedef bool compare_fn(struct span text, struct span part);

static bool
starts(struct span text, struct span part)
{
	text.len = text.len < part.len ? text.len : part.len;
	return text_same(text, part);
}

static bool
contains(struct span text, struct span part)
{
	for (; text.len >= part.len; text.at++, text.len--)
		if (starts(text, part))
			return true;
	return false;
}

static const struct {
	const char *name;
	compare_fn *compare;
} types[] = {
	{ "EXACT", text_same },
	{ "STARTS_WITH", starts },
	{ "CONTAINS", contains },
};
#define TYPES (sizeof(types) / sizeof(types[0]))

static compare_fn *
comparison(const struct json_object *criterion)
{
	struct span type = jget_text(criterion, "type");
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (text_same(type, span_of(types[i].name)))
			return types[i].compare;
	return NULL;
}

/* NULL where the criterion makes sense, else what is wrong with it. */
static const char *
judge(const struct json_object *criterion)
{
	size_t values = jget_count(jget_array(criterion, "values"));

	if (comparison(criterion) == NULL)
		return "The search type is not one that is simulated.";
	if (jget_count(jget_array(criterion, "fields")) == 0)
		return "A search criterion needs fields.";
	if (values == 0 && jget_text(criterion, "value").at == NULL)
		return "A search criterion needs a value.";
	if (values > MAX_VALUES)
		return "At most 25 values can be searched for.";
	return NULL;
}

static bool
read_number(const struct json_object *root, const char *key, int64_t max,
    size_t *ret_number)
{
	int64_t number;

	if (jget_is_null(root, key))
		return true;
	if (!jget_number(root, key, &number) || number < 1 || number > max)
		return false;
	*ret_number = (size_t)number;
	return true;
}

bool
query_read(struct call *call, struct jget *jget, struct query *ret_query)
{
	const struct json_object *root;
	struct page *page = &ret_query->page;
	const char *wrong = NULL;
	size_t i;

	root = jget_parse(jget, call->request->body, NULL);
	page->size = PAGE_SIZE;
	page->number = 1;
	ret_query->criteria = jget_array(root, "query");
	if (!jget_is_object(root))
		wrong = "The body is not an object.";
	else if (!read_number(root, "pageSize", MAX_PAGE, &page->size))
		wrong = "The pageSize must be from 1 to 100.";
	else if (!read_number(root, "pageNumber", 100000, &page->number))
		wrong = "The pageNumber must be a number from 1 on.";
	for (i = 0; wrong == NULL && i < jget_count(ret_query->criteria); i++)
		wrong = judge(jget_item(ret_query->criteria, i));
	page->first = (page->number - 1) * page->size;
	if (wrong != NULL)
		call_refuse(call, 400, "bad.request", wrong);
	return wrong == NULL;
}

/* Whether one of the criterion's values fits. */
static bool
value_fits(const struct json_object *criterion, struct span text)
{
	const struct json_object *values = jget_array(criterion, "values");
	compare_fn *compare = comparison(criterion);
	size_t i;

	if (text.at == NULL)
		return false;
	for (i = 0; i < jget_count(values); i++)
		if (compare(text, jget_item_text(values, i)))
			return true;
	return jget_count(values) == 0 &&
	    compare(text, jget_text(criterion, "value"));
}

static bool
criterion_fits(const struct json_object *criterion, query_value_fn *value_of,
    const void *thing)
{
	const struct json_object *fields = jget_array(criterion, "fields");
	size_t i;

	for (i = 0; i < jget_count(fields); i++)
		if (value_fits(
			criterion, value_of(thing, jget_item_text(fields, i))))
			return true;
	return false;
}

bool
query_fits(
    const struct query *query, query_value_fn *value_of, const void *thing)
{
	size_t i;

	for (i = 0; i < jget_count(query->criteria); i++)
		if (!criterion_fits(
			jget_item(query->criteria, i), value_of, thing))
			return false;
	return true;
}

void
query_start(struct call *call)
{
	buf_text(&call->reply->body, "{\"results\":[");
}

void
query_end(struct call *call, const struct query *query, const char *type,
    size_t total)
{
	const struct page *page = &query->page;

	buf_printf(&call->reply->body,
	    "],\"total\":%zu,\"pageCount\":%zu,\"pageSize\":%zu,"
	    "\"pageNumber\":%zu,\"types\":[\"%s\"]}",
	    total, (total + page->size - 1) / page->size, page->size,
	    page->number, type);
}
