// Where a text of many records may be cut, found without reading it: for windows, which are indexed one
// after the other, and for pieces, which threads read. A cut is a guess; who reads the text proves it.
#pragma once

#include <vector>

namespace syncdex::inline v0 {

struct Piece {
  const char* begin;
  const char* end;  // of the text that belongs to it: the feed, or the comma before the next
};

// A piece a thread, none where the text is too short for more than one. JSON Lines are cut at line feeds; the
// elements of an array, from p on, where a record seems to begin: at ",{" and the first record's first key.
std::vector<Piece> cut_pieces(const char* p, const char* end, unsigned threads, bool lines);

// The last place in (p, limit] where a record seems to end: a '}' with ",{" behind it, else any '}'; nullptr
// where there is none.
const char* find_cut(const char* p, const char* limit);

// The next line feed, or `end`.
const char* line_end(const char* p, const char* end);

}  // namespace syncdex::inline v0
