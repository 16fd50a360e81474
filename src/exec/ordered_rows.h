// The matches of a query in an order, or the first of them.
//
// Each part gives its matches in order, a few at a time, and the parts are merged. In a part, one of two ways
// finds them, whichever is expected to touch fewer rows:
//
//   walk     goes through the ordered view of the first path from its end, or from the cursor on, and takes
//            the rows that match
//   collect  makes a heap of all matches by the keys that views have for them
//
// Rows without a value at the first path follow. Rows that are equal there are sorted by the other paths,
// then by load order.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/pattern_plan.h"
#include "query/cursor.h"
#include "query/order_impl.h"
#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// The rows of the first `limit` matches behind `after`, if that is not null, in the order. `work` is the
// budget; once it is spent, the answer is incomplete. Making the views that are missing takes about as much
// work as a scan.
RowList find_rows(const Query::Impl& query, const Order::Impl& order, const Snapshot& snapshot, Work& work,
                  const Cursor* after = nullptr, std::size_t limit = SIZE_MAX);

// Says in one line how rows are ordered by a key.
std::string explain_order(const OrderKey& key, const Snapshot& snapshot);

// The values of a record at the paths of the order.
std::vector<SortValue> values_of(const Order::Impl& order, const Snapshot& snapshot, Row row);

}  // namespace syncdex::inline v0
