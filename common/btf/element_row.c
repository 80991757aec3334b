/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>

#include "btf/btf_value_private.h"
#include "btf/element_plan_private.h"

const char *element_action_name(enum element_action action)
{
	static const char *const names[] = {
		[ELEMENT_KEPT] = "kept",       [ELEMENT_CONVERTED] = "converted",
		[ELEMENT_ADDED] = "added",     [ELEMENT_REMOVED] = "removed",
		[ELEMENT_REFUSED] = "refused",
	};

	return names[action];
}

const char *element_policy_name(enum element_policy policy)
{
	static const char *const names[] = {
		[ELEMENT_NONE] = "",
		[ELEMENT_ADD] = "add",
		[ELEMENT_KEEP_NEW] = "keep-new",
		[ELEMENT_OVERWRITE] = "overwrite",
	};

	return names[policy];
}

static void spot_text(const struct btf *btf, struct element_spot spot, struct strbuf *out)
{
	auto_strbuf dims = STRBUF_INIT;

	for (int i = 0; i < ELEMENT_DEPTH_MAX; i++) {
		const struct btf_type *t = value_bare_type(btf, spot.type);

		if (!t || !btf_is_array(t))
			break;
		sb_addf(&dims, "[%" PRIu32 "]", btf_array(t)->nelems);
		spot.type = btf_array(t)->type;
	}
	element_type_text(btf, &spot, out);
	sb_add(out, sb_text(&dims));
}

/* from or to may be NULL: not there. */
size_t element_match_row(struct element_build *b, const char *path,
			 enum element_action action, const struct element_spot *from,
			 const struct element_spot *to, const char *why)
{
	auto_strbuf old_type = STRBUF_INIT, new_type = STRBUF_INIT;

	if (from)
		spot_text(b->old_btf, *from, &old_type);
	if (to)
		spot_text(b->new_btf, *to, &new_type);
	return element_row_add(b, path, action, from ? sb_text(&old_type) : NULL,
			       to ? sb_text(&new_type) : NULL, why);
}

void element_match_refuse(struct element_build *b, const char *path,
			  const struct element_spot *from, const struct element_spot *to,
			  const char *why)
{
	element_match_row(b, path, ELEMENT_REFUSED, from, to, why);
}
