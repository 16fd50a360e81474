// Loads records: from text to segments.
//
// The fast way reads the text in windows of about 256 KiB that end where a record seems to end: it indexes a
// window at once and reads record after record from its tokens. It accepts a record or it does not, and it
// never says why. What it does not accept is read the careful way, which finds the record's end by brackets
// alone, indexes only that text with code that needs no SIMD, and says exactly what is wrong and where. So a
// load gives the same verdict whichever way its bytes were read, and tests compare with the careful way.
//
//   [ {..},{..},{..},{..} ]           one window, four records
//   [ {..},{..},{.|.},{..} ]          the third is cut: the next window begins with it
//
// With several threads the text is cut into pieces, which are read at the same time and put together in
// order.
//
// load_run.h lists the steps and their sources.
#pragma once

#include "load/load_tools.h"
#include "load/segment_writer.h"
#include "store/snapshot.h"
#include "syncdex/load.h"

namespace syncdex::inline v0 {

Result<Loaded> load_records(const Input& input, const LoadOptions& options, const LoadSizes& sizes = {});
Result<Loaded> load_records(const Input& input, const LoadOptions& options, LoadTools& tools,
                            const LoadSizes& sizes = {});

// Reads everything the careful way: the definition that tests compare with.
Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options,
                                      const LoadSizes& sizes = {});

}  // namespace syncdex::inline v0
