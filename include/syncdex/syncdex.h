// The door. Includes all but the opt-in headers; a tour:
//
//   catalog.h        start here: load, find, count, list
//   live_catalog.h   a catalog that changes: snapshots, changes, standing queries
//   query.h          what can be asked: patterns, the request string, the builder
//   matches.h        what was found: records, slices, the response
//   record.h         one record
//   survey.h         what stands in a catalog, and why a record does not match
//   postgres.h       the same queries as SQL
//   limits.h         what inputs and queries may cost
//   result.h         how failure is reported
//   config.h         version and macros
//
// Opt-in: fwd.h (declarations alone), fmt.h and ostream.h (printing).
#pragma once

#include "syncdex/catalog.h"
#include "syncdex/config.h"
#include "syncdex/limits.h"
#include "syncdex/live_catalog.h"
#include "syncdex/matches.h"
#include "syncdex/postgres.h"
#include "syncdex/query.h"
#include "syncdex/record.h"
#include "syncdex/result.h"
#include "syncdex/survey.h"
