#pragma once
// PATRON_CHECK for the floors above scoring: a broken invariant of ours stops the process.

#include "scoring/check.h"  // IWYU pragma: export
