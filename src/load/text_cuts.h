// Finds places to cut a text of many records without parsing it: for windows, and for the pieces that threads
// read. A cut is a guess, which reading the text confirms or not.
#pragma once

#include <cstddef>
#include <vector>

namespace syncdex::inline v0 {

struct Piece {
  const char* begin;
  const char* end;  // the line feed or comma before the next piece, or the end of the text
};

// Cuts a text into at most `most` pieces, none of them much shorter than `shortest` bytes. Returns none if
// there would be fewer than two. JSON Lines are cut at line feeds. The elements of an array, which begin at
// p, are cut where a record seems to begin: at a comma before an object whose first key is that of the first
// record.
std::vector<Piece> cut_pieces(const char* p, const char* end, std::size_t most, std::size_t shortest,
                              bool lines);

// The last place in (p, limit] where a record seems to end: after a '}' that ",{" follows, or else after any
// '}'. nullptr if there is none.
const char* find_cut(const char* p, const char* limit);

// The next line feed, or `end`.
const char* line_end(const char* p, const char* end);

}  // namespace syncdex::inline v0
