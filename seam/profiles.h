/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The built-in profiles. */
#ifndef SEAM_PROFILES_H
#define SEAM_PROFILES_H

#include "profile.h"

extern const struct seam_profile seam_profiles[];
extern const u32 seam_nr_profiles;

#endif
