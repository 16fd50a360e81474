// Threads. The text is cut into pieces. The calling thread reads the first one, while a worker with a run of
// its own reads each of the others. Where the calling thread comes to the begin of a piece, it adopts what
// the worker made of it.
//
// Workers make no error messages. Where anything but records that may be skipped is wrong, a worker's
// segments are dropped, and the calling thread reads the piece itself, in order, with the positions of the
// whole text. So is a piece of an array that turns out not to begin at a record: where to cut an array is a
// guess.
#include <algorithm>
#include <chrono>
#include <system_error>

#include "json/framing.h"
#include "load/load_run.h"

namespace syncdex::inline v0 {

LoadRun::Worker::Worker(const LoadRun& leader, const Piece& piece, bool is_last, bool of_lines)
    : begin(piece.begin),
      end(piece.end),
      last(is_last),
      lines(of_lines),
      run(new LoadRun(leader, *this, of_lines ? piece.end : leader.end_)) {}

void LoadRun::Worker::read() noexcept {
  try {
    after = run->read_piece(*this);
  } catch (...) {
    thrown = std::current_exception();
  }
  done = true;
  done.notify_all();
}

void LoadRun::start_workers(const char* p, bool lines) {
  if (worker_ != nullptr || always_careful_ || checking_line_ || !workers_.all.empty()) return;
  const unsigned threads = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
  const auto cuts = cut_pieces(p, end_, std::max(threads, 1U), sizes_.piece, lines);
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    workers_.all.push_back(std::make_unique<Worker>(*this, cuts[i], i + 1 == cuts.size(), lines));
  }
  for (std::size_t i = 0; i < workers_.all.size(); ++i) {
    Worker& worker = *workers_.all[i];
    try {
      worker.thread = std::jthread([&worker] { worker.read(); });
    } catch (const std::system_error&) {  // no more threads to be had: this one reads the rest
      workers_.all.resize(i);
      break;
    }
  }
}

const char* LoadRun::read_piece(const Worker& worker) {
  const char* after = nullptr;
  if (worker.lines) {
    after = documents(worker.begin) ? worker.end : nullptr;
  } else {
    after = elements(worker.begin, worker.end, !worker.last);
    if (!worker.last && after != worker.end) after = nullptr;
  }
  return after != nullptr && close_segment() ? after : nullptr;
}

// The worker of the next piece that this thread has not come to; null if there is none.
LoadRun::Worker* LoadRun::next_worker() const {
  return workers_.next < workers_.all.size() ? workers_.all[workers_.next].get() : nullptr;
}

// The worker whose piece of lines begins where a document begins, with nothing but white space between. A
// document may have gone over the border of a piece.
LoadRun::Worker* LoadRun::worker_of_lines(const char* p) {
  Worker* worker = next_worker();
  if (worker == nullptr || !worker->lines) return nullptr;
  for (; worker != nullptr && worker->begin <= p; worker = next_worker()) {
    if (skip_space(worker->begin, end_) == p) return worker;
    drop_worker();
  }
  return nullptr;
}

// The worker whose piece of an array begins at this record. Pieces that this thread has read into do not
// begin at one.
LoadRun::Worker* LoadRun::worker_of_elements(const char* p) {
  Worker* worker = next_worker();
  if (worker == nullptr || worker->lines) return nullptr;
  for (; worker != nullptr && worker->begin < p; worker = next_worker()) drop_worker();
  return worker != nullptr && worker->begin == p ? worker : nullptr;
}

void LoadRun::drop_worker() {
  workers_.all[workers_.next]->stop = true;
  ++workers_.next;
}

// Waits for the worker and takes over what it has made of its piece. Returns nullptr without error_ if this
// thread has to read the piece.
const char* LoadRun::adopt(Worker& worker, const char* p) {
  if (!options_.progress) worker.done.wait(false);
  while (!worker.done) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (report_progress(p) == nullptr) return nullptr;
  }
  worker.thread.join();
  ++workers_.next;
  if (worker.thrown) std::rethrow_exception(worker.thrown);
  const std::unique_ptr<LoadRun> run = std::move(worker.run);
  if (run->found_unbalanced_line_ && may_be_balanced_) return nullptr;  // this thread has to decide
  if (worker.after == nullptr || writer_.records() + run->writer_.records() > most_records()) return nullptr;
  if (!close_segment()) return nullptr;
  const auto rows = static_cast<Row>(writer_.records());
  for (const Row row : run->rejected_before_) rejected_before_.push_back(rows + row);
  for (BadRecord& bad : run->report_.bad) {
    bad.position += position_;
    report_.bad.push_back(std::move(bad));
  }
  position_ += run->position_;
  if (run->paging_) paging_ = std::move(run->paging_);
  const std::vector<PathId> paths = reader_.merge_from(run->reader_.paths());
  return handle_duplicates(writer_.adopt(run->writer_, paths)) ? worker.after : nullptr;
}

}  // namespace syncdex::inline v0
