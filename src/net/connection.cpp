#include "net/connection.hpp"

#include "core/clock.hpp"

namespace steelyard {

Connection::Connection(boost::asio::io_context& io, TlsContext& tls, PlannedConnection plan,
                       const EndpointOverride& endpoint, const ConnectionOptions& options,
                       FrameSink sink, NetEventSink events, NetCounters& counters)
    : io_{io},
      tls_{tls},
      plan_{std::move(plan)},
      endpoint_{endpoint},
      options_{options},
      sink_{std::move(sink)},
      events_{std::move(events)},
      counters_{counters},
      backoff_{options.backoff, options.seed + plan_.ids[0].raw()},
      pacer_{plan_.venue->limits.requests_per_second, 2.0} {
  links_[0].id = plan_.ids[0];
  links_[1].id = plan_.ids[1];
}

Connection::~Connection() = default;

void Connection::start() {
  next_attempt_ = Clock::now();
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
  Link& link = links_[index];
  const Socket& socket = plan_.venue->sockets[plan_.socket];
  WsTarget target;
  target.host = endpoint_.host.empty() ? std::string{socket.endpoint.host} : endpoint_.host;
  target.port = endpoint_.port.empty() ? std::string{socket.endpoint.port} : endpoint_.port;
  target.path = socket.endpoint.path;
  target.proxy_host = options_.proxy_host;
  target.proxy_port = options_.proxy_port;
  link.open = false;
  link.delivered = false;
  link.outbox.clear();
  link.stream = std::make_unique<WsStream>(io_, tls_);
  WsHandlers handlers;
  handlers.on_open = [this, index] { on_open(index); };
  handlers.on_message = [this, index](std::string_view payload, bool binary, TimestampNs received) {
    on_message(index, payload, binary, received);
  };
  handlers.on_control_frame = [this, index](bool ping) {
    counters_.pings += ping ? 1 : 0;
    links_[index].last_frame = Clock::now();
  };
  handlers.on_closed = [this, index](const std::string& reason) { on_closed(index, reason); };
  link.stream->connect(target, std::move(handlers));
}

void Connection::on_open(std::size_t index) {
  Link& link = links_[index];
  const auto now = Clock::now();
  link.open = true;
  link.opened = link.last_frame = link.last_sent = now;
  ++counters_.connects;
  emit(index, FrameKind::LinkUp, {});
  link.outbox = plan_.venue->subscribe(plan_.streams, next_request_);
  next_request_ += link.outbox.size();
  awaited_.clear();
  for (const Stream& stream : plan_.streams) {
    if (stream.kind == StreamKind::Book) {
      awaited_[stream.instrument->id.raw()] = now + options_.data_deadline;
    }
  }
  tell(NetEvent::Kind::Connected, std::to_string(plan_.streams.size()) + " streams");
  drain(index, now);
}

void Connection::on_message(std::size_t index, std::string_view payload, bool binary,
                            TimestampNs received) {
  Link& link = links_[index];
  link.last_frame = Clock::now();
  ++counters_.frames;
  counters_.bytes += payload.size();
  Frame frame;
  frame.payload = payload;
  frame.received = received;
  frame.connection = link.id;
  frame.kind = binary ? FrameKind::Binary : FrameKind::Text;
  switch (sink_(frame)) {
    case FrameVerdict::Data:
      link.delivered = true;
      if (rotating_ && index != current_ && awaited_.empty()) finish_rotation();
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
    case Control::Kind::Acknowledged:
      ++counters_.acknowledged;
      return;
    case Control::Kind::Rejected:
      ++counters_.rejected;
      return tell(NetEvent::Kind::Rejected, control.text);
    case Control::Kind::Probe:
      links_[index].outbox.insert(links_[index].outbox.begin(), control.answer);
      return drain(index, Clock::now());
    case Control::Kind::PleaseReconnect:
      tell(NetEvent::Kind::PleaseReconnect, control.text);
      return rotate("the venue asks for it");
    case Control::Kind::Pong:
    case Control::Kind::Welcome:
    case Control::Kind::Other:
    case Control::Kind::Unknown:
      return;
  }
}

void Connection::on_closed(std::size_t index, const std::string& reason) { lose(index, reason); }

void Connection::lose(std::size_t index, const std::string& reason) {
  Link& link = links_[index];
  if (link.stream == nullptr) return;
  // Freed later: this may run inside one of its own handlers.
  leaving_[index] = std::move(link.stream);
  const bool was_open = link.open;
  link.open = false;
  if (was_open) {
    ++counters_.disconnects;
    // A connection that we end ourselves is no news to a book that ends with it.
    if (!stopped_) emit(index, FrameKind::LinkDown, reason);
    backoff_.lived(
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - link.opened));
  }
  if (stopped_) return;
  tell(NetEvent::Kind::Disconnected, reason);
  if (rotating_) {
    // Whichever is left carries on; if the old one went first, the new one is the connection.
    rotating_ = false;
    if (index == current_) current_ = 1 - current_;
    if (links_[current_].stream != nullptr) return;
  }
  next_attempt_ = Clock::now() + backoff_.next();
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
  if (waiting_to_connect_ && now >= next_attempt_) {
    waiting_to_connect_ = false;
    open(current_);
  }
  for (std::size_t index = 0; index < links_.size(); ++index) {
    Link& link = links_[index];
    if (!link.open) continue;
    drain(index, now);
    keep_alive(link, now);
    const auto row_limit =
        std::chrono::duration_cast<std::chrono::milliseconds>(plan_.venue->keepalive.silence_limit);
    const auto limit = options_.silence_limit.count() != 0 ? options_.silence_limit : row_limit;
    if (now - link.last_frame > limit) {
      ++counters_.silences;
      lose(index, "silent for " + std::to_string(limit.count()) + " ms");
    }
  }
  // What the new connection has not brought by now it need not be waited for.
  if (const Link& fresh = links_[1 - current_];
      rotating_ && fresh.open && now - fresh.opened > options_.data_deadline) {
    finish_rotation();
  }
  Link& link = links_[current_];
  if (link.open && !rotating_ && age_limit().count() != 0 && now - link.opened > age_limit()) {
    rotate("it is old");
  }
  // Acknowledged is not delivered: a stream that brings nothing is on the wrong path, or gone.
  for (auto awaited = awaited_.begin(); awaited != awaited_.end();) {
    if (now < awaited->second) {
      ++awaited;
      continue;
    }
    ++counters_.no_data;
    for (const Stream& stream : plan_.streams) {
      if (stream.kind != StreamKind::Book || stream.instrument->id.raw() != awaited->first) {
        continue;
      }
      tell(NetEvent::Kind::NoData, stream.instrument->symbol + ": subscribed, and no data for " +
                                       std::to_string(options_.data_deadline.count()) + " ms");
      awaited->second = now + options_.data_deadline;
      resubscribe(stream);
    }
    ++awaited;
  }
}

std::chrono::milliseconds Connection::age_limit() const {
  if (options_.max_age.count() != 0) return options_.max_age;
  const auto limit =
      std::chrono::duration_cast<std::chrono::milliseconds>(plan_.venue->limits.max_age);
  return limit > options_.rotation_margin ? limit - options_.rotation_margin : limit;
}

void Connection::keep_alive(Link& link, Clock::time_point now) {
  const Keepalive& duty = plan_.venue->keepalive;
  if (duty.client_text.empty()) return;
  const auto since = duty.only_if_idle ? std::max(link.last_frame, link.last_sent) : link.last_sent;
  if (now - since < duty.interval) return;
  link.last_sent = now;
  link.stream->send(std::string{duty.client_text});
}

void Connection::drain(std::size_t index, Clock::time_point now) {
  Link& link = links_[index];
  while (!link.outbox.empty() && link.open && pacer_.take(now).count() == 0) {
    std::string text = std::move(link.outbox.front());
    link.outbox.erase(link.outbox.begin());
    emit(index, FrameKind::Sent, text);
    link.last_sent = now;
    link.stream->send(std::move(text));
  }
}

void Connection::resubscribe(const Stream& stream) {
  Link& link = links_[current_];
  if (!link.open) return;
  ++counters_.resubscribes;
  for (std::string& text : plan_.venue->unsubscribe({&stream, 1}, next_request_++)) {
    link.outbox.push_back(std::move(text));
  }
  for (std::string& text : plan_.venue->subscribe({&stream, 1}, next_request_++)) {
    link.outbox.push_back(std::move(text));
  }
  drain(current_, Clock::now());
}

void Connection::reconnect(const std::string& reason) { lose(current_, reason); }

void Connection::saw_data(ConnectionId link, InstrumentId instrument) {
  if (links_[rotating_ ? 1 - current_ : current_].id == link) awaited_.erase(instrument.raw());
}

// Make before break: the other link is opened, and takes over when it delivers.
void Connection::rotate(const std::string& why) {
  if (rotating_ || stopped_ || !links_[current_].open) return;
  rotating_ = true;
  tell(NetEvent::Kind::Rotating, why);
  open(1 - current_);
}

void Connection::finish_rotation() {
  const std::size_t old = current_;
  current_ = 1 - current_;
  rotating_ = false;
  ++counters_.rotations;
  emit(old, FrameKind::LinkDown, "planned");
  links_[old].open = false;
  leaving_[old] = std::move(links_[old].stream);
  tell(NetEvent::Kind::Rotated, "the new connection delivers");
}

void Connection::tell(NetEvent::Kind kind, std::string text) {
  if (events_) events_({kind, plan_.name(), std::move(text)});
}

}  // namespace steelyard
