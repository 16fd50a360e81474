// Where a text of many records may be cut, found without reading it: for windows, which are indexed one
// after the other, and for pieces, which threads read. A cut is a guess; who reads the text proves it.
#pragma once

#include <cstddef>
#include <vector>

namespace syncdex::inline v0 {

struct Piece {
  const char* begin;
  const char* end;  // of its text: the line feed or the comma before the next piece, or the end of all
};

// Cuts a text into at most `most` pieces, none much shorter than `shortest` bytes; returns none if that makes
// fewer than two. JSON Lines are cut at line feeds. The elements of an array, which begin at p, are cut where
// a record seems to begin: at a comma before an object whose first key is that of the first record.
std::vector<Piece> cut_pieces(const char* p, const char* end, std::size_t most, std::size_t shortest,
                              bool lines);

// The last place in (p, limit] where a record seems to end: a '}' with ",{" behind it, else any '}'; nullptr
// where there is none.
const char* find_cut(const char* p, const char* limit);

// The next line feed, or `end`.
const char* line_end(const char* p, const char* end);

}  // namespace syncdex::inline v0
