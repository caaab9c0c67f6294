// clients/cpp/examples/csv_recorder.cpp -- writes what the ring carries to a CSV file, and marks
// what it missed.
//
//   csv_recorder INSTANCE FILE [RECORDS]      RECORDS 0 or none: until Ctrl-C or the publisher's
//   end
//
// A row: received (ns UTC), venue, symbol, event, validity, bid, ask, then the headline columns. A
// field is empty where the value is undefined. Loss and restarts become rows that begin with '#'.
// For recordings that can be replayed, let the daemon record: `steelyard record`.
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "steelyard/reader.hpp"

namespace {

volatile std::sig_atomic_t stop = 0;

class CsvFile {
 public:
  explicit CsvFile(const char* path) : file_{std::fopen(path, "w")} {}
  ~CsvFile() { (void)close(); }
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  bool is_open() const { return file_ != nullptr; }
  // False: not everything could be written.
  bool close() {
    if (file_ == nullptr) return good_;
    good_ = std::fclose(file_) == 0 && good_;
    file_ = nullptr;
    return good_;
  }

  void header(const steelyard::Reader& feed) {
    std::vector<std::string> names;  // by place in the record
    for (std::uint32_t i = 0; i < feed.columns(); ++i) {
      const steelyard::ColumnEntry& column = feed.segment().column(i);
      if (column.headline < 0) continue;
      const auto place = static_cast<std::size_t>(column.headline);
      if (names.size() <= place) names.resize(place + 1);
      names[place] = steelyard::SegmentView::text(column.name);
    }
    std::string line = "received,venue,symbol,event,validity,bid,ask";
    for (const std::string& name : names) line += "," + name;
    put(line);
  }
  void row(const steelyard::Record& record) {
    std::string line = std::to_string(record.tick().received.raw()) + ",";
    line += std::string{record.venue()} + "," + std::string{record.symbol()} + ",";
    line += std::to_string(record.tick().event) + "," + std::to_string(record.tick().validity);
    for (const double value : {record.bid(), record.ask()}) add(line, value);
    for (const double value : record.values()) add(line, value);
    put(line);
  }
  void put(const std::string& line) {
    good_ = std::fprintf(file_, "%s\n", line.c_str()) > 0 && good_;
  }

 private:
  // The shortest text that reads back as the same double.
  static void add(std::string& line, double value) {
    line += ',';
    if (std::isnan(value)) return;
    char text[32];
    line.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }

  std::FILE* file_;
  bool good_ = true;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: csv_recorder INSTANCE FILE [RECORDS]\n");
    return 2;
  }
  const long most = argc > 3 ? std::atol(argv[3]) : 0;
  std::signal(SIGINT, [](int) { stop = 1; });
  std::signal(SIGTERM, [](int) { stop = 1; });

  steelyard::Reader::Options options;
  options.from_start = true;  // what the ring still holds belongs to it
  steelyard::Reader feed{options};
  if (!feed.wait_for(argv[1], std::chrono::seconds{10})) {
    std::fprintf(stderr, "csv_recorder: %s\n", feed.why_not().c_str());
    return 1;
  }
  CsvFile file{argv[2]};
  if (!file.is_open()) {
    std::perror(argv[2]);
    return 1;
  }
  file.header(feed);
  steelyard::Record record;
  long rows = 0;
  bool over = false;
  while (stop == 0 && !over && (most == 0 || rows < most)) {
    switch (feed.poll(record)) {
      case steelyard::Poll::Ok:
        file.row(record);
        ++rows;
        break;
      case steelyard::Poll::Empty:
        std::this_thread::sleep_for(std::chrono::microseconds{50});
        break;
      case steelyard::Poll::Lapped:
        file.put("# lost " + std::to_string(feed.lost()) + " records so far");
        break;
      case steelyard::Poll::Restarted:
        file.put("# the publisher was restarted");
        file.header(feed);
        break;
      case steelyard::Poll::Dead:
        over = true;
        break;
    }
  }
  if (!file.close()) {
    std::fprintf(stderr, "csv_recorder: %s: not everything could be written\n", argv[2]);
    return 1;
  }
  std::printf("%ld rows, %llu records lost\n", rows, static_cast<unsigned long long>(feed.lost()));
  return 0;
}
