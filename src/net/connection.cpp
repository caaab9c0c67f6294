#include "net/connection.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "net/https_get.hpp"

namespace steelyard {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

}  // namespace

Connection::Connection(boost::asio::io_context& io, TlsContext& tls, PlannedConnection plan,
                       const EndpointOverride& endpoint, const EndpointOverride& rest,
                       const ConnectionOptions& options, Pacer& connects, Pacer* requests,
                       FrameSink sink, NetEventSink events, NetCounters& counters)
    : io_{io},
      tls_{tls},
      plan_{std::move(plan)},
      endpoint_{endpoint},
      rest_{rest},
      options_{options},
      sink_{std::move(sink)},
      events_{std::move(events)},
      counters_{counters},
      backoff_{options.backoff, options.seed + plan_.ids[0].raw()},
      connects_{connects},
      own_pacer_{plan_.venue->limits.requests_per_second},
      pacer_{requests != nullptr ? *requests : own_pacer_},
      has_books_{std::any_of(plan_.streams.begin(), plan_.streams.end(), [](const Stream& stream) {
        return stream.kind == StreamKind::Book;
      })} {
  links_[0].id = plan_.ids[0];
  links_[1].id = plan_.ids[1];
}

Connection::~Connection() = default;

void Connection::start() {
  next_attempt_ = options_.clock();
  waiting_to_connect_ = true;
}

void Connection::stop() {
  stopped_ = true;
  waiting_to_connect_ = false;
  for (Link& link : links_) {
    if (link.stream != nullptr) link.stream->close();
  }
}

void Connection::open(std::size_t index) {
  const Socket& socket = plan_.venue->sockets[plan_.socket];
  forget(links_[index]);
  links_[index].stream = std::make_unique<WsStream>(io_, tls_);
  if (plan_.venue->ticket_request != nullptr) return ask_ticket(index);
  connect(index, {std::string{socket.endpoint.host}, std::string{socket.endpoint.port},
                  std::string{socket.endpoint.path}});
}

// Where this venue's connections go must be asked for each time.
void Connection::ask_ticket(std::size_t index) {
  const RestRequest request = plan_.venue->ticket_request();
  WsTarget target;
  target.host = rest_.host.empty() ? std::string{plan_.venue->rest.host} : rest_.host;
  target.port = rest_.port.empty() ? std::string{plan_.venue->rest.port} : rest_.port;
  target.path = request.target;
  target.proxy_host = options_.proxy_host;
  target.proxy_port = options_.proxy_port;
  const WsStream* const of = links_[index].stream.get();
  https_get(
      io_, tls_, target,
      [this, index, of, here = std::weak_ptr<bool>{here_}](HttpAnswer answer) {
        // Gone, or another attempt is under way by now.
        if (here.expired() || stopped_ || links_[index].stream.get() != of) return;
        if (answer.error.empty() && answer.status != 200) {
          answer.error = "status " + std::to_string(answer.status);
        }
        if (!answer.error.empty()) return lose(index, "ticket: " + answer.error);
        try {
          connect(index,
                  plan_.venue->ticket(std::string_view{answer.body}.substr(0, answer.body_bytes)));
        } catch (const std::exception& error) {
          lose(index, std::string{"ticket: "} + error.what());
        }
      },
      request.post ? std::optional<HttpPost>{HttpPost{request.body}} : std::nullopt);
}

void Connection::connect(std::size_t index, const Ticket& to) {
  Link& link = links_[index];
  WsTarget target;
  target.host = endpoint_.host.empty() ? to.host : endpoint_.host;
  target.port = endpoint_.port.empty() ? to.port : endpoint_.port;
  target.poll_socket = options_.poll_socket;
  target.path = to.path;
  target.proxy_host = options_.proxy_host;
  target.proxy_port = options_.proxy_port;
  // A link that was given up lives on for a moment (`leaving_`), and nobody listens to it.
  const auto is_ours = [&link, of = link.stream.get()] { return link.stream.get() == of; };
  WsHandlers handlers;
  handlers.on_open = [this, index, is_ours] {
    if (is_ours()) on_open(index);
  };
  handlers.on_read = [this, index, is_ours] {
    if (is_ours()) links_[index].last_frame = options_.clock();
  };
  handlers.on_message = [this, index, is_ours](std::string_view payload, bool binary,
                                               TimestampNs received) {
    if (is_ours()) on_message(index, payload, binary, received);
  };
  handlers.on_control_frame = [this, is_ours](bool ping) {
    if (is_ours()) counters_.pings += ping ? 1 : 0;
  };
  handlers.on_closed = [this, index, is_ours](const std::string& reason) {
    if (is_ours()) lose(index, reason);
  };
  link.stream->connect(target, std::move(handlers));
}

void Connection::forget(Link& link) {
  link.open = false;
  link.outbox.clear();
  link.renewals.clear();
  link.awaited.clear();
  link.welcome = false;
}

void Connection::on_open(std::size_t index) {
  Link& link = links_[index];
  const auto now = options_.clock();
  link.open = true;
  link.opened = link.last_frame = link.last_data = link.last_sent = link.last_keepalive = now;
  ++counters_.connects;
  emit(index, FrameKind::LinkUp, {});
  tell(NetEvent::Kind::Connected, std::to_string(plan_.streams.size()) + " streams");
  if (plan_.venue->greeting != nullptr) {
    for (std::string& text : plan_.venue->greeting()) link.outbox.push_back(std::move(text));
  }
  // Some venues listen only once they have said so.
  if (!plan_.venue->welcomes) return subscribe(index);
  drain(index, now);
}

void Connection::on_message(std::size_t index, std::string_view payload, bool binary,
                            TimestampNs received) {
  Link& link = links_[index];
  ++counters_.frames;
  counters_.bytes += payload.size();
  Frame frame;
  frame.payload = payload;
  frame.received = received;
  frame.connection = link.id;
  frame.kind = binary ? FrameKind::Binary : FrameKind::Text;
  switch (sink_(frame)) {
    case FrameVerdict::Data:
      link.last_data = link.last_frame;
      if (rotating_ && index != current_ && link.awaited.empty()) {
        finish_rotation("the new connection delivers");
      }
      break;
    case FrameVerdict::Control:
      on_control(index, payload);
      break;
    case FrameVerdict::Defect:
    case FrameVerdict::Ignored:
      break;
  }
}

void Connection::on_control(std::size_t index, std::string_view payload) {
  const Control control = plan_.venue->control(payload);
  switch (control.kind) {
    case Control::Kind::Welcome:
      if (!links_[index].welcome) subscribe(index);
      return;
    case Control::Kind::Acknowledged:
      ++counters_.acknowledged;
      return;
    case Control::Kind::Rejected:
      ++counters_.rejected;
      return tell(NetEvent::Kind::Rejected, control.text);
    case Control::Kind::Probe:
      // An answer that is late costs the connection: whatever waits, waits a little longer.
      pacer_.owe(options_.clock());
      return say(index, control.answer, options_.clock());
    case Control::Kind::PleaseReconnect:
      tell(NetEvent::Kind::PleaseReconnect, control.text);
      return rotate("the venue asks for it");
    case Control::Kind::Pong:
    case Control::Kind::Other:
    case Control::Kind::Unknown:
      return;
  }
}

void Connection::lose(std::size_t index, const std::string& reason) {
  Link& link = links_[index];
  if (link.stream == nullptr) return;
  // Freed later: this may run inside one of its own handlers.
  leaving_[index] = std::move(link.stream);
  const bool was_open = link.open;
  forget(link);
  if (was_open) {
    ++counters_.disconnects;
    // A connection that we end ourselves is no news to a book that ends with it.
    if (!stopped_) emit(index, FrameKind::LinkDown, reason);
    backoff_.lived(duration_cast<milliseconds>(options_.clock() - link.opened));
  }
  if (stopped_) return;
  tell(NetEvent::Kind::Disconnected, reason);
  if (rotating_) {
    rotating_ = false;
    if (index != current_) {
      // The old one carries on, and another attempt is made later.
      next_rotation_ = options_.clock() + backoff_.next();
      return;
    }
    // The new one is the connection now, open or not yet.
    rotation_wanted_.clear();
    current_ = 1 - current_;
    return;
  }
  rotation_wanted_.clear();
  next_attempt_ = options_.clock() + backoff_.next();
  waiting_to_connect_ = true;
}

void Connection::emit(std::size_t index, FrameKind kind, std::string_view payload) {
  std::string padded{payload};
  padded.append(kFramePadding, '\0');
  Frame frame;
  frame.payload = std::string_view{padded}.substr(0, payload.size());
  frame.received = wall_clock();
  frame.connection = links_[index].id;
  frame.kind = kind;
  (void)sink_(frame);
}

void Connection::tick(Clock::time_point now) {
  for (auto& stream : leaving_) stream.reset();
  if (stopped_) return;
  if (waiting_to_connect_ && now >= next_attempt_ && connects_.take(now).count() == 0) {
    waiting_to_connect_ = false;
    open(current_);
  }
  for (std::size_t index = 0; index < links_.size(); ++index) {
    if (links_[index].open) watch(index, now);
  }
  tend_rotation(now);
}

void Connection::watch(std::size_t index, Clock::time_point now) {
  Link& link = links_[index];
  drain(index, now);
  keep_alive(link, now);
  const milliseconds limit = silence_limit();
  if (now - link.last_frame > limit) {
    ++counters_.silences;
    return lose(index, "silent for " + std::to_string(limit.count()) + " ms");
  }
  watch_awaited(link, now);
  if (index != current_ || rotating_) return;
  if (age_limit().count() != 0 && now - link.opened > age_limit()) rotate("it is old");
  // Pings prove that a peer is there, not that it does its work. Where little happens that is no
  // fault either, so the connection is kept until another one is there.
  if (has_books_ && rotation_wanted_.empty() && now - link.last_data > 2 * limit) {
    ++counters_.silences;
    rotate("no data for " + std::to_string(2 * limit.count()) + " ms");
  }
}

milliseconds Connection::silence_limit() const {
  if (options_.silence_limit.count() != 0) return options_.silence_limit;
  return duration_cast<milliseconds>(plan_.venue->keepalive.silence_limit);
}

void Connection::reconnect(const std::string& reason) {
  if (links_[current_].open) lose(current_, reason);
}

void Connection::tell(NetEvent::Kind kind, std::string text) {
  if (events_) events_({kind, plan_.name(), std::move(text)});
}

}  // namespace steelyard
