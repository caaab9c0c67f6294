#include "sim/venue_sim.hpp"

#include <algorithm>

#include "sim/sim_clock.hpp"

namespace steelyard::sim {
namespace {

// Even a router forgets a connection on which nothing moves.
constexpr std::chrono::minutes kHalfOpenFor{1};
constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::chrono::seconds kBan{2};

}  // namespace

VenueSim::VenueSim(std::vector<InstrumentSpec> specs, const VenueSimOptions& options, bool ids_skip)
    : options_{options} {
  std::uint64_t seed = options.seed;
  for (InstrumentSpec& spec : specs) {
    const std::string symbol = spec.symbol;
    markets_.emplace(symbol, std::make_unique<Market>(std::move(spec), seed += 7919, ids_skip));
  }
}

Market* VenueSim::market(const std::string& symbol) {
  const auto found = markets_.find(symbol);
  return found == markets_.end() ? nullptr : found->second.get();
}

std::uint32_t VenueSim::changes_of(const Market& market) const {
  return std::max(1U, static_cast<std::uint32_t>(options_.changes_per_tick * market.spec().busy));
}

void VenueSim::on_tick() {
  const auto now = steady_now();
  // A copy: keeping alive may close a session.
  for (Session* const session : std::vector<Session*>{sessions_}) {
    if (!session->half_open) {
      keep_alive(*session, now);
    } else if (now - session->half_open_since > kHalfOpenFor) {
      session->tear();
    }
  }
  for (const auto& [symbol, market] : markets_) {
    if (paused_) {
      idle(*market, now);
    } else {
      step(*market);
    }
  }
}

bool VenueSim::is_too_fast(Session& session, std::uint32_t most, std::chrono::seconds in) {
  const auto now = steady_now();
  if (now - session.second_began >= in) {
    session.second_began = now;
    session.said_in_second = 0;
  }
  return ++session.said_in_second > most;
}

bool VenueSim::cause(Fault fault, const std::string& symbol) {
  if (!knows(fault) || (!symbol.empty() && market(symbol) == nullptr)) return false;
  if (fault == Fault::SequenceReset) {
    for (const auto& [name, market] : markets_) {
      if (symbol.empty() || symbol == name) restart_ids(*market);
    }
    return true;
  }
  const bool of_connection = fault == Fault::Stall || fault == Fault::Reset ||
                             fault == Fault::HalfOpen || fault == Fault::AgeCut ||
                             fault == Fault::ShutdownNotice;
  if (!of_connection) {
    faults_[symbol].push_back(fault);
    return true;
  }
  bool any = false;
  for (Session* const session : std::vector<Session*>{sessions_}) {
    if (!symbol.empty() && delta_stream(*session, *market(symbol)).empty()) continue;
    any = true;
    switch (fault) {
      case Fault::Stall:
        session->stalled = true;
        break;
      case Fault::Reset:
        session->tear();
        break;
      case Fault::HalfOpen:
        session->half_open = true;
        session->half_open_since = steady_now();
        break;
      case Fault::AgeCut:
        session->close();
        break;
      default:
        announce_shutdown(*session);
        break;
    }
  }
  return any;
}

bool VenueSim::take(Fault fault, const std::string& symbol) {
  for (const std::string& name : {symbol, std::string{}}) {
    const auto waiting = faults_.find(name);
    if (waiting == faults_.end()) continue;
    const auto found = std::find(waiting->second.begin(), waiting->second.end(), fault);
    if (found == waiting->second.end()) continue;
    waiting->second.erase(found);
    return true;
  }
  return false;
}

std::optional<HttpReply> VenueSim::refusal(const std::string& symbol) {
  const auto now = steady_now();
  if (now < wait_until_) ++impatient_;
  if (take(Fault::Banned, symbol)) {
    banned_ = true;
    wait_until_ = now + kBan;
  } else if (banned_ && now < wait_until_) {
    // The ban goes on.
  } else if (take(Fault::TooManyRequests, symbol)) {
    banned_ = false;
    wait_until_ = now + kRetryAfter;
  } else {
    return {};
  }
  HttpReply reply;
  reply.status = banned_ ? 418 : 429;
  const auto left = std::chrono::ceil<std::chrono::seconds>(wait_until_ - now);
  reply.headers.emplace_back("Retry-After", std::to_string(left.count()));
  return reply;
}

bool VenueSim::knows(Fault fault) const {
  switch (fault) {
    case Fault::SnapshotLate:
    case Fault::SnapshotOld:
    case Fault::TooManyRequests:
    case Fault::Banned:
    case Fault::ShutdownNotice:
    case Fault::SequenceReset:
      return false;
    default:
      return true;
  }
}

std::size_t VenueSim::waiting_faults() const {
  std::size_t count = 0;
  for (const auto& [symbol, waiting] : faults_) count += waiting.size();
  return count;
}

std::string VenueSim::delta_stream(const Session& session, const Market& market) const {
  for (const std::string& stream : session.streams) {
    if (stream.starts_with("book") && stream.ends_with('|' + market.spec().symbol)) return stream;
  }
  return {};
}

bool VenueSim::add_book(Session& session, const std::string& stream, const std::string& symbol) {
  add(session, stream);
  if (!take(Fault::AckWithoutData, symbol)) return true;
  session.silent.insert(stream);
  return false;
}

void VenueSim::tell(Session& session, std::string text) {
  if (session.half_open) return;
  session.send(on_wire(session, std::move(text)));
}

void VenueSim::send(Session& session, const std::string& stream, std::string text) {
  if (session.stalled || session.half_open || session.silent.contains(stream)) return;
  session.last_pushed = steady_now();
  session.send(on_wire(session, std::move(text)));
}

void VenueSim::publish(const std::string& stream, const std::string& text) {
  for (Session* const session : std::vector<Session*>{sessions_}) {
    if (session->streams.contains(stream)) send(*session, stream, text);
  }
}

void VenueSim::publish_delta(const std::string& stream, const std::string& symbol,
                             const std::string& text) {
  for (Session* const session : std::vector<Session*>{sessions_}) {
    if (session->streams.contains(stream)) send_delta(*session, stream, symbol, text);
  }
}

void VenueSim::send_delta(Session& session, const std::string& stream, const std::string& symbol,
                          std::string text) {
  if (session.stalled || session.half_open || session.silent.contains(stream)) return;
  session.last_pushed = steady_now();
  WireFrame frame = on_wire(session, std::move(text));
  if (take(Fault::DropDelta, symbol)) return;
  if (take(Fault::DuplicateDelta, symbol)) session.send(frame);
  if (take(Fault::Garbage, symbol)) {
    session.send(WireFrame{"\x01{\"garbage\":[[[", frame.binary});
  }
  if (take(Fault::TruncateFrame, symbol)) frame.bytes.resize(frame.bytes.size() * 2 / 3);
  if (take(Fault::ReorderDeltas, symbol)) {
    session.held[symbol] = std::move(frame);
    return;
  }
  if (take(Fault::SlowDrip, symbol)) {
    session.send_slowly(std::move(frame));
    return;
  }
  session.send(std::move(frame));
  if (const auto held = session.held.find(symbol); held != session.held.end()) {
    session.send(std::move(held->second));
    session.held.erase(held);
  }
}

}  // namespace steelyard::sim
