#!/usr/bin/env python3
"""Plants bugs (mutants) in a copy of the sources, one at a time. The tests must catch each of them.

    tests/mutants.py FOLDER [NAME...]     FOLDER is for the copy and its build

Each mutant is a name, a file, and texts with their replacements. A text that is not (or no longer) in the file is an
error, so the list keeps up with the code. Tests that need the external suites are excluded.
"""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

CONTAINMENT = "src/exec/containment.cpp"
PLAN = "src/exec/pattern_plan.cpp"
LISTS = "src/terms/posting_list.cpp"
ROWS = "src/exec/filter_rows.cpp"

WRONG_IDEAS = [
    ("numbers compared as doubles", "src/json/decimal.cpp", [
        ("bool equal(const Decimal& a, const Decimal& b) noexcept {",
         """bool equal(const Decimal& a, const Decimal& b) noexcept {
  if (a.count > 15 && b.count > 15 && a.negative == b.negative && a.point == b.point) {
    const std::string x(a.digits, 17), y(b.digits, 17);
    return std::stod(x) == std::stod(y);
  }"""), ("#include <algorithm>", "#include <algorithm>\n#include <string>")]),
    ("number spelling compared", CONTAINMENT, [
        ("text == wanted.text || equal(parse_decimal(text), wanted.number)", "text == wanted.text")]),
    ("first duplicate key wins", CONTAINMENT, [
        ("    if (slot == nullptr) continue;\n    slots_",
         "    if (slot == nullptr || slot->seen == place.stamp) continue;\n    slots_")]),
    ("a scalar inside a nested array matches a bare scalar", CONTAINMENT, [
        ("inner == kNone) {\n      p = skip_value(p);", """inner == kNone) {
      if (kind == Kind::array) {
        for (ArrayWalk w(p); w.next();) {
          const Kind k = kind_of(*w.value());
          if (k < Kind::array && visit_scalar(w.value(), k, slot) == nullptr) return true;
        }
      }
      p = skip_value(p);""")]),
    ("an array contains a bare object", CONTAINMENT, [
        ("inner == kNone) {\n      p = skip_value(p);", """inner == kNone) {
      if (kind == Kind::array && slot.object != kNone && *skip_space(p + 1) == '{') {
        const std::vector<Frame> saved(frames_.begin(), frames_.end());
        if (walk(skip_space(p + 1), at, last_wins)) return true;
        std::ranges::copy(saved, frames_.begin());
      }
      p = skip_value(p);""")]),
    ("arrays as multisets", CONTAINMENT, [
        ("    if (mark_matched(n, in)) return nullptr;",
         "    if (nodes_[n].met == in) continue;\n    if (mark_matched(n, in)) return nullptr;\n    break;"),
    ], [("src/pattern/pattern_tree.cpp", "    kept = static_cast<std::size_t>(end - children.begin());",
         "    static_cast<void>(end);\n    kept = children.size();")]),
    ("arrays in order", CONTAINMENT, [
        ("  auto n = slot.first + static_cast<std::uint32_t>(at - all.begin());",
         """  auto n = slot.first + static_cast<std::uint32_t>(at - all.begin());
  if (n > slot.first && nodes_[n - 1].parent == nodes_[n].parent && nodes_[n - 1].met != in) return end;""")]),
    ("array elements compared whole", CONTAINMENT, [
        ("      if (place.empty == place.nodes) {", """      std::uint32_t members = 0;
      if (place.object) {
        for (ObjectWalk w(p); w.next();) ++members;
      }
      if (place.empty == place.nodes || (place.object && top != bottom && !top[-1].place->object &&
                                         members != nodes_[place.first].children)) {""")]),
    ("nested objects compared whole", CONTAINMENT, [
        ("      if (place.empty == place.nodes) {", """      std::uint32_t members = 0;
      if (place.object) {
        for (ObjectWalk w(p); w.next();) ++members;
      }
      if (place.empty == place.nodes || (place.object && top != bottom && top[-1].place->object &&
                                         top - bottom > 1 && members != nodes_[place.first].children)) {""")]),
    ("null equals missing", CONTAINMENT, [
        ("      if (next == nullptr) {\n        --top;", """      if (next == nullptr) {
        for (const Slot* s = first; place.object && s != first + place.slots; ++s) {
          if (s->scalars == 1 && wanted_[s->first].kind == Kind::null && nodes_[s->first].met != place.stamp &&
              mark_matched(s->first, place.stamp))
            return true;
        }
        --top;""")]),
    ("an empty pattern array matches nothing", CONTAINMENT, [
        ("  place.stamp = ++stamps_;\n  for", "  place.stamp = ++stamps_;\n  if (!place.object) return false;\n  for")]),
    ("containment searched at any depth", CONTAINMENT, [
        ("slot != nullptr) return {slot, p};\n    p = skip_value(p);",
         "slot != nullptr) return {slot, p};\n    p = *p == '{' ? skip_space(p + 1) : skip_value(p);")]),
]

OWN = [
    ("planner: objects in arrays are not rechecked", "src/pattern/compile.cpp", [
        ("if (about_[n].in_array && about_[n].leaves > 1) node.residual = true;", "")]),
    ("planner: repeated keys are not rechecked", PLAN, [
        ("  if (part.segment->has_duplicate_keys(row)) return recheck_whole(part, row);", "")]),
    ("planner: a page begins one record late", PLAN, [
        ("    const Row first = std::max(window.first, part.base) - part.base;",
         "    const Row first = std::max(window.first, part.base) - part.base + (window.first > part.base ? 1 : 0);")]),
    ("planner: a page ends before its last record", PLAN, [
        ("if (result.size == window.limit) return result;", "if (result.size + 1 == window.limit) return result;")]),
    ("row blocks: a dense block loses its first row", "src/exec/row_blocks.cpp", [
        ("const Row* const wanted = std::lower_bound(out_, out_ + found, first_);",
         "const Row* const wanted = std::lower_bound(out_, out_ + found, first_ == 0 ? 0 : first_ + 1);")]),
    ("planner: rows of later parts are not moved", PLAN, [("out[i] += part.base;", "out[i] += 0;")]),
    ("planner: the first part with a match is the last", PLAN, [
        ("const bool last = pattern_.one_record && n > 0;", "const bool last = n > 0;")]),
    ("planner: dead records with repeated keys are taken off twice", PLAN, [
        ("total -= part.live.contains(row) && lists.hold(row)", "total -= lists.hold(row)")]),
    ("planner: a path that nobody has is no reason to stop", PLAN, [
        ("if (paths[i] == kNoPath && path.tracked) never_matches_ = true;", "if (paths[i] == kNoPath) never_matches_ = true;")]),
    ("posting lists: the last of three bitsets is forgotten", LISTS, [
        ("case 3: for_each_common<3>(sets, words, write); break;", "case 3: for_each_common<2>(sets, words, write); break;")]),
    ("posting lists: dead rows are counted", LISTS, [
        ("    if (lists.size() == 1 && live == nullptr) return driver.count;",
         "    if (lists.size() == 1) return driver.count;")]),
    ("posting lists: the search goes a row too far", LISTS, [
        ("std::lower_bound(first, last, row) - list.rows()", "std::upper_bound(first, last, row) - list.rows()")]),
    ("posting lists: joined blocks forget the dead", LISTS, [
        ("for (std::size_t i = 0; i < n; ++i) joined[i] &= live[from + i];", "static_cast<void>(live);")]),
    ("planner: a count asks the first term alone", PLAN, [
        ("return intersect_count(lists.span(), part.live.bits(), words_for(part.size()));",
         "return intersect_count(lists.span().first(1), part.live.bits(), words_for(part.size()));")]),
    ("merges: dead records come back", "src/live/merge.cpp", [
        ("      if (!parts[i].live.contains(row)) continue;\n      rows", "      rows")]),
    ("merges: a rollback meanwhile is ignored", "src/live/merge.cpp", [
        ("          if (now.contains(row)) return false;\n", "")]),
    ("live: a report is copied after publishing", "src/live_catalog.cpp", [
        ("  std::vector<BadRecord> bad = fresh->report().bad;  // copied before anything is published\n", ""),
        ("  diff.bad = std::move(bad);\n  return diff;\n}\n\nDiff LiveCatalog::replace_all",
         "  diff.bad = fresh->report().bad;\n  return diff;\n}\n\nDiff LiveCatalog::replace_all")]),
    ("threads: a worker takes the end of the array for that of its piece", "src/load/documents.cpp", [
        ("    if (*p == ']' && open_ended) return fail_framing(p, \"the array ends too early\");\n", "")]),
    ("threads: a cut falls behind the input", "src/load/text_cuts.cpp", [
        ("std::max(from, p + size / wanted * i)", "std::max(from + 1, p + size / wanted * i)"),
        ("feed == end || skip_space(feed, end) == end ?", "feed == end ?")]),
    ("tables: offsets are hashed without the seed", "src/store/record_table.cpp", [
        ("return mix(*seed, ref.word(), 1);", "return ref.word() * std::size_t{0x9E37'79B9'7F4A'7C15};")]),
    ("patterns: totals are not looked at before merging", "src/pattern/pattern_tree.cpp", [
        ("  if (leaves_ > limits_.pattern_leaves) return \"pattern_leaves\";",
         "  if (leaves_ > limits_.pattern_leaves * 1000) return \"pattern_leaves\";")]),
    ("merges: positions are renumbered", "src/live/merge.cpp", [
        ("positions.add(parts[i].positions.of(row));", "positions.add(parts[i].positions.of(0) + row);")]),
    ("merges: positions are renumbered where paths are renewed", "src/live/merge.cpp", [
        ("positions.push_back(part.positions.of(row));", "positions.push_back(part.positions.of(0) + row);")]),
    ("merges: a short segment's providers are lost", "src/load/segment_builder.cpp", [
        ("  if (!from.short_groups_ || short_groups_) return spare;", "  return spare;")]),
    ("merges: counts are remembered for another term", "src/store/live_set.cpp", [
        ("if (known >> 32 == term) return known & 0xFFFF'FFFF;", "if (known >> 32 != kNoTerm) return known & 0xFFFF'FFFF;")]),
    ("live: what is replaced stays", "src/live/change.cpp", [
        ("part.live = part.live.without(*part.segment, removed);",
         "part.live = part.live.without(*part.segment, std::span(removed).subspan(1));")]),
    ("cursors: the record before is given again", "src/store/positions.cpp", [
        ("static_cast<Row>(position - run->position) + 1", "static_cast<Row>(position - run->position)")]),
    ("framing: a byte order mark is text", "src/load/documents.cpp", [
        ('skip_space(begin_ + (input_.text.starts_with("\\xEF\\xBB\\xBF") ? 3 : 0), end_)', "skip_space(begin_, end_)")]),
    ("framing: a bad line loses only its bad record", "src/load/lines.cpp", [
        ("    const bool own = bad != bad_line_records_.end() && bad->record == i;",
         "    const bool own = bad != bad_line_records_.end() && bad->record == i;\n    if (!own && line_ids_.size() > 1) continue;")]),
    ("framing: a cut line takes others with it", "src/load/lines.cpp", [
        ("is_balanced(p, end_) && check_value(p, end_) != nullptr;", "is_balanced(p, end_);")]),
    ("framing: any page says whether more follows", "src/load/documents.cpp", [
        ("if (!checking_line_) paging_ = std::move(paging);", "if (!checking_line_ && !(paging_ && paging_->more_follows())) paging_ = std::move(paging);")]),
    ("cursors: any query's is accepted", "src/query/cursor.cpp", [
        ("if (cursor.query != cursor_fingerprint(request)) {", "if (false) {")]),
    ("live: the same list is a new version", "src/live_catalog_impl.cpp", [
        ("if (is_same(edit)) return unchanged_diff(before, edit);", "")]),
    ("framing: two envelopes are one", "src/load/documents.cpp", [
        ("if (is_data && seen_data) return fail_ambiguous", "if (false) return fail_ambiguous")]),
    ("framing: a comma may end an array", "src/load/documents.cpp", [
        ("    if (*p == ']') return fail_framing(p, kTrailingComma);", "    if (*p == ']') return p + 1;")]),
    ("framing: commas between records are spaces", "src/load/documents.cpp", [
        ("    if (*p != ',') return fail_framing(p, explain_unexpected(p, end, \"',' or ']' is expected\"));",
         "    if (*p != ',') continue;")]),
    ("filters: not complements only what is certain", ROWS, [
        ("return {b.upper.complement(), b.lower.complement(), b.exact};",
         "return {b.lower.complement(), b.upper.complement(), b.exact};")]),
    ("filters: not within an element is the complement", ROWS, [
        ("if (node.scope == Scope::element) return unknown();", "")]),
    ("filters: several conditions may hold in different elements", ROWS, [
        ("if (node.scope == Scope::element && node.members.size() > 1) return {{}, out.upper, false};", "")]),
    ("filters: records with duplicate keys are not rechecked", "src/exec/filter_plan.cpp", [
        ("!duplicates.empty()) rows = space_.unite", "false) rows = space_.unite"),
        ("bounds_.lower.contains(row)) && !part_->segment->has_duplicate_keys(row)", "bounds_.lower.contains(row))"),
        ("certain_ = bounds_.exact && part_->segment->rows_with_duplicate_keys().empty();", "certain_ = bounds_.exact;")]),
    ("filters: the first duplicate key counts", "src/json/follow.h", [
        ("      if (is_unique(level)) break;\n", "      break;\n")]),
    ("filters: what an earlier duplicate key led to counts", "src/json/follow.h", [
        ("    found = last ? p : nullptr;", "    if (last) found = p;")]),
    ("figures: what an earlier duplicate key led to counts", "src/json/follow.h", [
        ("        out.resize(before_[level]);  // those of a duplicate key\n", "")]),
    ("merges: a small segment keeps providers twice", "src/load/segment_builder.cpp", [
        ("(role == Role::name || (group && short_groups))", "(role == Role::name || (group && from.short_groups_))")]),
    ("filters: paths above patterns are not counted", "src/query/filter.cpp", [
        ("if (in_element || node.shape == Shape::condition", "static_cast<void>(in_element);\n  if (node.shape == Shape::condition")],
     [("src/query/filter_reader.cpp", "    return within_.empty() ? std::nullopt : count_path(v.at, {});", "    return std::nullopt;")]),
    ("filters: canonical texts may be longer than can be read", "src/query/filter.cpp", [
        ("  if (root.text.size() > limits.filter_bytes)", "  if (false)")]),
    ("work: an element that matches is not charged", "src/exec/filter_matcher.cpp", [
        ("      work_.left -= (found ? walk.value() : walk.end()) - array;", "      if (!found) work_.left -= walk.end() - array;")]),
    ("work: a view is not charged", "src/exec/segment_views.cpp", [
        ("  if (!work.take(cost)) return nullptr;\n  auto made", "  static_cast<void>(cost);\n  static_cast<void>(work);\n  auto made")]),
    ("work: postings are not charged", "src/exec/filter_rows.cpp", [
        ("    work_.left -= cost_of(list, space_.words());\n  }", "  }")]),
    ("views: the last question's is always kept", "src/store/ordered_views.cpp", [
        ("  return used == 0 || used < asked_before ? oldest : nullptr;", "  static_cast<void>(used);\n  static_cast<void>(asked_before);\n  return oldest;")]),
    ("views: those without values are kept", "src/store/ordered_views.cpp", [
        ("  if (view->view.rows().empty()) {", "  if (false) {")]),
    ("views: a query holds all that it makes", "src/exec/filter_rows.cpp", [
        ("views_->own() >= kMostOwn)", "views_->own() > SIZE_MAX / kMostOwn)")]),
    ("views: a request asks twice", "src/store/ordered_views.cpp", [
        ("  if (same && place.request.load(std::memory_order_relaxed) == request) return {0, request};\n", "")]),
    ("views: paths without values are forgotten at once", "src/store/ordered_views.cpp", [
        ("    if (used >= asked.before || kept_->has_replaced(asked.request)) return;\n", "")]),
    ("figures: to sort long numbers is not charged", "src/exec/figures.cpp", [
        ("work.left -= static_cast<std::int64_t>(value.text.size()) * comparisons;", "static_cast<void>(comparisons);")]),
    ("hints: all records with duplicate keys are read", "src/exec/facets.cpp", [
        ("if (in_record.read() >= bytes) {", "if (in_record.read() > bytes + SIZE_MAX / 2) {")]),
    ("tags: where new records are does not count", "src/live_catalog_impl.cpp", [
        ("  return add_to_stable_hash(hash, writes) | 1;", "  static_cast<void>(writes);\n  return hash | 1;"),
        ("content_hash(part.segment->json(row)), part.positions.of(row))", "content_hash(part.segment->json(row)), 0)")]),
    ("tags: the text of cursors does not count", "src/live_catalog_impl.cpp", [
        ("  if (origin.text != text) origin", "  if (false) origin")]),
    ("orders: all digits of a number count", "src/terms/sort_key.cpp", [
        ("return compare(ordered_number(a), ordered_number(b));", "return compare(parse_decimal(a), parse_decimal(b));")]),
    ("filters: a view of cut numbers answers ranges", "src/exec/view_condition.h", [
        ("return !of_numbers_ || !view.cut();", "static_cast<void>(view);\n    return true;")]),
    ("tags: records are not looked at", "src/store/snapshot.cpp", [
        ("hash ^ content_hash(part.segment->json(row))", "hash")]),
    ("filters: a null is set", ROWS, [
        ("c.set ? ~bit_of(KindName::null) : kAllKinds", "kAllKinds")]),
    ("filters: an upper bound is exclusive", "src/exec/condition.cpp", [
        ("within(0 <=> order(c.high->value), c.high->inclusive)", "within(0 <=> order(c.high->value), false)")]),
    ("filters: fractions of a second do not count", "src/json/instant.cpp", [
        ("out.nanoseconds += static_cast<std::uint32_t>(in.number(1, 9)) * unit;", "in.number(1, 9);")]),
    ("filters: every fourth year is a leap year", "src/json/instant.cpp", [
        ("year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)", "year % 4 == 0")]),
    ("filters: values that differ in case are one", "src/query/filter.cpp", [
        ("  if (condition.ignore_case) fold_case(condition);", "  fold_case(condition);")]),
    ("filters: a prefix is allowed on a secret", "src/query/filter_ops.cpp", [
        ("if (!secret) return std::nullopt;", "return std::nullopt;")]),
    ("filters: standing queries have the anchors of the first alternative", "src/exec/anchors.cpp", [
        ("        for (const FilterNode& member : node.members) {\n          const auto anchors = find(member);",
         "        for (const FilterNode& member : std::span(node.members).first(1)) {\n"
         "          const auto anchors = find(member);"), ("#include <algorithm>", "#include <algorithm>\n#include <span>")]),
    ("filters: lists are counted with dead records", "src/exec/filter_plan.cpp", [
        ("intersect_count({&list, 1}, part_->live.bits(), space_.words());", "list.count;")]),
    ("filters: an element of any array is one of this array", "src/query/filter_finish.cpp", [
        ("      if (step.element) {\n        pattern = '[' + std::move(pattern) + ']';",
         "      if (step.element) {")]),
    ("orders: equal values in any order", "src/exec/part_rows.cpp", [
        ("return std::is_eq(order) ? a.row < b.row : std::is_lt(order);",
         "return std::is_eq(order) ? a.row > b.row : std::is_lt(order);")]),
    ("orders: descending begins with what has no value", "src/exec/part_rows.h", [
        ("return order_.keys[key].descending ? 0 <=> order : order;", "return order;")]),
    ("orders: a page begins with the record of the cursor", "src/exec/part_rows.h", [
        ("return part_.positions.of(row) > place.position;", "return part_.positions.of(row) >= place.position;")]),
    ("orders: all of a long string counts", "src/terms/sort_key.cpp", [
        ("if (begins && code_points++ == kOrderedCodePoints) return text.substr(0, i);", "static_cast<void>(begins);")]),
    ("orders: values whose keys are equal are equal", "src/store/view_builder.cpp", [
        ("if (std::ranges::all_of(run, decides)) return tie(first, last);",
         "static_cast<void>(decides);\n    return tie(first, last);")]),
    ("orders: the view that was used last is replaced", "src/store/ordered_views.cpp", [
        ("std::ranges::min_element(", "std::ranges::max_element(")]),
    ("orders: keys of numbers are exact", "src/terms/sort_key.cpp", [
        ("constexpr std::uint32_t kExactDigits = 14;", "constexpr std::uint32_t kExactDigits = 17;")]),
    ("orders: merged views forget ties", "src/store/view_merge.cpp", [
        ("set_bit(ties.data(), static_cast<Row>(merged.size()));", "static_cast<void>(ties.data());")]),
    ("orders: null is a value", "src/terms/sort_key.cpp", [
        ("case Kind::null: return {kNullValue, true};", "case Kind::null: return {kNullValue - 1, true};")]),
    ("orders: a lower bound is exclusive", "src/exec/view_condition.cpp", [
        ("low_->inclusive ? equal.first : equal.last", "equal.last")]),
    ("orders: a prefix ends with its last byte", "src/terms/sort_key.cpp", [
        ("seven_bytes(prefix, 0xFF)", "seven_bytes(prefix, 0)")]),
    ("figures: the first duplicate key counts", "src/exec/value_counts.cpp", [
        ("      if (test_bit(rows.data(), row)) read(segment, row, work);\n      clear_bit(rows, row);", "")]),
    ("figures: facets count within their own selection", "src/exec/figures.cpp", [
        ("i + 1 < n ? both(before, behind[i]) : before, budget", "both(i + 1 < n ? both(before, behind[i]) : before, rows[i]), budget")]),
    ("figures: a carry is lost", "src/json/decimal_sum.cpp", [
        ("limbs_[at->first + 1] += over;  // comes next", "")]),
    ("figures: an element counts as often as it occurs", "src/exec/value_counts.cpp", [
        ("if (seen_.emplace(kind, std::move(same)).second) visit_(kind, text, 1);", "visit_(kind, text, 1);")]),
    ("windows: records that others push are not seen", "src/live_catalog_impl.cpp", [
        ("subscriptions.deliveries(was, is, before, after, true)", "subscriptions.deliveries(was, is, before, after, false)")]),
    ("shards: an alternative without an organisation is left out", "src/query/org_ids.cpp", [
        ("        if (!ids) return std::nullopt;", "        if (!ids) continue;")]),
    ("live: what is erased and upserted keeps its place", "src/live/change.cpp", [
        ("if (!anew.empty() && !edit.unchanged.empty()) {", "if (anew.size() > 1 && edit.unchanged.empty()) {")]),
    ("reconcile: in another order, an id is enough", "src/live/reconcile.cpp", [
        ("found != nullptr && begins_with(p, found->json)", "found != nullptr")]),
    ("reconcile: two records of one id", "src/live/edit.cpp", [
        ("if (!std::ranges::all_of(kept, is_first) ||", "if ((std::ranges::for_each(kept, is_first), false) ||")]),
    ("reconcile: wider limits are not judged again", "src/live_catalog_impl.cpp", [
        ("is_within(version->origin().limits, load.limits)", "true")]),
    ("reconcile: a bad record of the rest is not the text's", "src/live_catalog_impl.cpp", [
        ("if (rest && rest->report.bad.empty() &&", "if (rest &&")]),
    ("reconcile: the limit of records is the rest's", "src/live_catalog_impl.cpp", [
        ("rest->records.size() + repeated->rows.size() <=", "rest->records.size() <=")]),
    ("reconcile: a comma may be missing", "src/live/reconcile.cpp", [
        ("if (p == end_ || *p != ',') return nullptr;\n    }\n    out_.rest += ']';",
         "if (p == end_) return nullptr;\n      if (*p != ',') --p;\n    }\n    out_.rest += ']';")]),
    ("reconcile: of duplicate keys, the first counts", "src/live/reconcile.cpp", [
        ("by_key[values[member].key] = member;", "by_key.emplace(values[member].key, member);")]),
]

QUICK = "--gtest_filter=-Dataset*:*Sequences*:*T04_B*:*T12*:*T13*:*T16*:Conformance*:*LongRepeats*:*OutOfMemory*:*LittleStack*"
# Excludes tests that measure the memory of a process, and stacks: -O1 needs more.
FULL = "--gtest_filter=-Conformance*:*T16*:*LittleStack*"


def run(command, timeout, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, **more)


def notices(tests, arguments):
    """Returns whether the tests fail. A failure, a crash and an endless loop all count."""
    try:
        return run([tests, "--gtest_fail_fast", "--gtest_brief=1", arguments], 600,
                   env={**os.environ, "SYNCDEX_FILTER_PAIRS": "100000"}).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    chosen = sys.argv[2:]
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    listed = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).split("\n")
    for name in filter(None, listed):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)  # newer than what was built from it
    build = folder / "build"
    subprocess.check_call(["cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=g++",
                           "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG",
                           "-DSYNCDEX_WERROR=OFF"], stdout=subprocess.DEVNULL)
    make = ["cmake", "--build", build, "--target", "syncdex_tests"]
    tests = build / "tests" / "syncdex_tests"
    subprocess.check_call(make, stdout=subprocess.DEVNULL)
    if notices(tests, QUICK) or notices(tests, FULL):
        sys.exit("the tests fail before anything is planted")

    caught = 0
    missed = []
    mutants = [m for m in WRONG_IDEAS + OWN if not chosen or any(c in m[0] for c in chosen)]
    for mutant in mutants:
        name, file, changes = mutant[:3]
        edits = [(file, old, new) for old, new in changes] + (mutant[3] if len(mutant) > 3 else [])
        before = {path: (tree / path).read_text() for path, _, _ in edits}
        for path, old, new in edits:
            text = (tree / path).read_text()
            if text.count(old) < 1:
                sys.exit(f"{name}: {path} does not hold\n{old}")
            (tree / path).write_text(text.replace(old, new, 1))
        built = run(make, 1200)
        if built.returncode != 0:
            sys.exit(f"{name} does not build:\n{built.stdout[-2000:]}")
        how = "quick tests" if notices(tests, QUICK) else "all tests" if notices(tests, FULL) else None
        for path, text in before.items():
            (tree / path).write_text(text)
        caught += how is not None
        if how is None:
            missed.append(name)
        print(f"{'caught' if how else 'MISSED'}  {name}" + (f" ({how})" if how == "all tests" else ""), flush=True)
    print(f"mutants: {caught} of {len(mutants)} caught")
    if missed:
        sys.exit(1)


if __name__ == "__main__":
    main()
