// Forward declarations, for headers that only name these types.
#pragma once

#include <cstdint>

namespace syncdex::inline v0 {

enum class ErrorCode : std::uint8_t;
struct Error;
template <class T>
class Result;

struct Limits;
class Query;
class QueryBuilder;
class Order;
struct Page;
struct Request;
struct RequestOptions;

class Record;
class Matches;
class Listing;
class Catalog;
struct LoadOptions;
struct LoadReport;
struct Stats;

class LiveCatalog;
class Subscription;
struct Changes;
struct Diff;
struct Delta;
struct WindowDelta;

struct Facets;
struct PathSummary;
struct Mismatch;
struct PostgresQuery;

}  // namespace syncdex::inline v0
