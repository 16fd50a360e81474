// From bytes to segments: framings, record borders, faults, duplicate ids.
//
// The fast way takes the text in windows of about 256 KiB, cut where a record seems to end, and reads
// record after record from the window's tokens. It accepts or it does not; it never words an error.
// Whatever it does not accept goes the careful way, which finds the record's end by its brackets
// alone, indexes just that text portably, and says exactly what is wrong and where. So a load gives
// the same verdict whichever way its bytes went, and the careful way is what the tests compare with.
//
//   [ {..},{..},{..},{..} ]           one window, four records
//   [ {..},{..},{.|.},{..} ]          the third is cut: the next window begins with it
//
// With several threads the text is cut into pieces that are read at the same time and adopted in order; see
// "threads" in the source.
//
// Files in one framing hold another's pieces: a line of JSON Lines may be an envelope.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "load/record_reader.h"
#include "load/segment_writer.h"
#include "store/snapshot.h"
#include "syncdex/load.h"
#include "terms/path_table.h"
#include "terms/term_builder.h"

namespace syncdex::inline v0 {

// What a load works with. Kept from one load to the next, it saves small ones their beginning; the table of
// paths then goes on growing. Not to be used again after an exception came out of a load.
struct LoadTools {
  LoadTools() : LoadTools(PathTable()) {}
  explicit LoadTools(PathTable paths) : reader(terms, std::move(paths)) {}

  TermBuilder terms;
  RecordReader reader;
  bool last_wins = false;  // of records with one id, the last one is loaded, and the others are not reported
};

Result<Loaded> load_records(const Input& input, const LoadOptions& options, const LoadSizes& sizes = {});
Result<Loaded> load_records(const Input& input, const LoadOptions& options, LoadTools& tools,
                            const LoadSizes& sizes = {});

// Reads everything the careful way: the definition that tests compare with.
Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options,
                                      const LoadSizes& sizes = {});

}  // namespace syncdex::inline v0
