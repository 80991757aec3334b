/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One value in terms of its BTF type, as JSON on one line. */
#ifndef VIEW_BTF_JSON_H
#define VIEW_BTF_JSON_H

#include <stdint.h>

struct btf;

/* The caller's to free. NULL: BTF does not tell how to read size bytes of that type. */
char *btf_json_text(const struct btf *btf, uint32_t type_id, const void *bytes,
		    uint32_t size);

#endif
