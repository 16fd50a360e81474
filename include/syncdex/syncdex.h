// Includes all public headers except the opt-in ones. A guide:
//
//   catalog.h        start here: load, find, count, list
//   live_catalog.h   a catalog that changes: snapshots, changes
//   subscription.h   standing queries
//   query.h          queries: patterns, request strings, the builder
//   filter.h         filters: or, not, ranges
//   order.h          orders
//   load.h           options and reports of loading
//   matches.h        results: records, slices, the response
//   record.h         one record
//   figures.h        values and their counts, sums, histograms
//   survey.h         introspection: values, paths, and why a record does not match
//   postgres.h       the same queries as SQL
//   limits.h         bounds on inputs and queries
//   result.h         error reporting
//   config.h         version and macros
//
// Opt-in: fwd.h (forward declarations), fmt.h and ostream.h (printing).
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
