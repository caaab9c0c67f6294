#include "cli/listings.hpp"

#include <algorithm>
#include <cstdio>

#include "app/wildcard.hpp"

namespace steelyard {
namespace {

// Rows of text, each column as wide as its widest cell; the last is not padded.
class Table {
 public:
  void add(std::vector<std::string> cells) {
    if (widths_.size() < cells.size()) widths_.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], cells[i].size());
    }
    rows_.push_back(std::move(cells));
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size()) line.append(widths_[i] - row[i].size() + 2, ' ');
      }
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

[[nodiscard]] std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

[[nodiscard]] std::string_view flag(bool value) { return value ? "true" : "false"; }

// Where the first book comes from, and what follows it.
[[nodiscard]] std::string_view source_of(const BookChannel& row) {
  switch (row.snapshot) {
    case SnapshotSource::Replace:
      return "whole each time";
    case SnapshotSource::InBand:
      return "snapshot on the stream, changes";
    case SnapshotSource::OutOfBand:
      break;
  }
  return row.resync == ResyncBy::Request ? "snapshot on request, changes"
                                         : "snapshot fetched, changes";
}

// What tells that a change was lost.
[[nodiscard]] std::vector<std::string_view> proofs_of(const BookChannel& row) {
  std::vector<std::string_view> proofs;
  if (row.link.link == Link::Prev) proofs.push_back("chain");
  if (row.link.link == Link::Step) proofs.push_back("count");
  if (row.checksum != ChecksumId::None) proofs.push_back("checksum");
  if (row.counted) proofs.push_back("connection counter");
  return proofs;
}

[[nodiscard]] std::string proof_text(const BookChannel& row) {
  if (row.snapshot == SnapshotSource::Replace) return "needs none";
  std::string text;
  for (const std::string_view proof : proofs_of(row)) {
    text.append(text.empty() ? "" : ", ").append(proof);
  }
  if (text.empty()) text = "nothing";
  if (row.renew.count() != 0) {
    text += ", renewed every " + std::to_string(row.renew.count()) + " s";
  }
  return text;
}

[[nodiscard]] bool serves(const Venue& venue, StreamKind kind) {
  return std::any_of(venue.sockets.begin(), venue.sockets.end(),
                     [kind](const Socket& socket) { return socket.serves(kind); });
}

[[nodiscard]] std::string_view kind_text(ContractKind kind) {
  switch (kind) {
    case ContractKind::Spot:
      return "spot";
    case ContractKind::Linear:
      return "linear";
    case ContractKind::Inverse:
      return "inverse";
    case ContractKind::Quanto:
      return "quanto";
    case ContractKind::Option:
      return "option";
  }
  return "";
}

// Base units a contract, or quote units of an inverse one.
[[nodiscard]] std::string size_text(const InstrumentInfo& info) {
  if (info.kind != ContractKind::Inverse) return info.multiplier;
  char text[32];
  std::snprintf(text, sizeof text, "%g", info.contract_size);
  return text;
}

}  // namespace

std::string venues_text(std::span<const Venue* const> venues) {
  Table table;
  table.add({"VENUE", "CHANNEL", "BOOK", "LOSS IS SEEN BY", "LEVELS", "CADENCE"});
  for (const Venue* const venue : venues) {
    for (const BookChannel& row : venue->books) {
      table.add({&row == venue->books.data() ? std::string{venue->name} : std::string{},
                 std::string{row.channel}, std::string{source_of(row)}, proof_text(row),
                 row.depth == 0 ? std::string{"all"} : std::to_string(row.depth),
                 row.cadence.empty() ? std::string{"-"} : std::string{row.cadence}});
    }
  }
  Table streams;
  streams.add({"VENUE", "BBO", "LIQUIDATIONS"});
  for (const Venue* const venue : venues) {
    std::string liquidations = venue->liquidations ? "yes" : "no";
    if (!venue->liquidation_note.empty()) {
      liquidations.append(": ").append(venue->liquidation_note);
    }
    streams.add({std::string{venue->name}, serves(*venue, StreamKind::Bbo) ? "yes" : "no",
                 std::move(liquidations)});
  }
  return table.text() + "\n" + streams.text();
}

std::string venues_json(std::span<const Venue* const> venues) {
  std::string out = "[";
  for (const Venue* const venue : venues) {
    out.append(out.size() == 1 ? "" : ",").append("{\"venue\":").append(quoted(venue->name));
    out.append(",\"channels\":[");
    for (const BookChannel& row : venue->books) {
      out.append(&row == venue->books.data() ? "" : ",").append("{\"channel\":");
      out.append(quoted(row.channel)).append(",\"book\":").append(quoted(source_of(row)));
      out.append(",\"proof\":[");
      std::string proofs;
      for (const std::string_view proof : proofs_of(row)) {
        proofs.append(proofs.empty() ? "" : ",").append(quoted(proof));
      }
      out.append(proofs).append("],\"levels\":").append(std::to_string(row.depth));
      out.append(",\"cadence\":").append(quoted(row.cadence)).append("}");
    }
    out.append("],\"bbo\":").append(flag(serves(*venue, StreamKind::Bbo)));
    out.append(",\"trades\":").append(flag(serves(*venue, StreamKind::Trades)));
    out.append(",\"liquidations\":").append(flag(venue->liquidations));
    out.append(",\"liquidation_note\":").append(quoted(venue->liquidation_note)).append("}");
  }
  return out.append("]\n");
}

std::vector<InstrumentInfo> matching(std::vector<InstrumentInfo> list, std::string_view pattern) {
  std::erase_if(list, [pattern](const InstrumentInfo& info) { return !asks_for(pattern, info); });
  std::sort(list.begin(), list.end(),
            [](const InstrumentInfo& a, const InstrumentInfo& b) { return a.symbol < b.symbol; });
  return list;
}

std::string instruments_text(std::span<const InstrumentInfo> list) {
  Table table;
  table.add({"SYMBOL", "NAME", "KIND", "TICK", "LOT", "CONTRACT", "TRADING"});
  for (const InstrumentInfo& info : list) {
    table.add({info.symbol, info.name, std::string{kind_text(info.kind)}, info.tick_size,
               info.lot_size, size_text(info), info.trading ? "yes" : "no"});
  }
  return table.text();
}

std::string instruments_json(std::span<const InstrumentInfo> list) {
  std::string out = "[";
  for (const InstrumentInfo& info : list) {
    out.append(out.size() == 1 ? "" : ",").append("{\"symbol\":").append(quoted(info.symbol));
    out.append(",\"name\":").append(quoted(info.name));
    out.append(",\"kind\":").append(quoted(kind_text(info.kind)));
    out.append(",\"tick\":").append(quoted(info.tick_size));
    out.append(",\"lot\":").append(quoted(info.lot_size));
    out.append(",\"contract\":").append(quoted(size_text(info)));
    out.append(",\"trading\":").append(flag(info.trading)).append("}");
  }
  return out.append("]\n");
}

}  // namespace steelyard
