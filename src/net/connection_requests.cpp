// What a connection asks of its venue, and waits for: at the pace that the venue allows.
#include <algorithm>
#include <utility>

#include "net/connection.hpp"

namespace steelyard {

using std::chrono::milliseconds;

void Connection::subscribe(std::size_t index) {
  Link& link = links_[index];
  const auto now = options_.clock();
  link.welcome = true;
  for (std::string& text : plan_.venue->subscribe(plan_.streams, next_request_)) {
    link.outbox.push_back(std::move(text));
  }
  next_request_ += link.outbox.size();
  for (const Stream& stream : plan_.streams) {
    if (stream.kind == StreamKind::Book) {
      link.awaited[stream.instrument->id.raw()] = {now + options_.data_deadline,
                                                   options_.data_deadline};
    }
  }
  drain(index, now);
}

void Connection::ask_snapshot(const Instrument& instrument) {
  Link& link = links_[current_];
  if (!link.open || plan_.venue->snapshot_message == nullptr) return;
  link.outbox.push_back(plan_.venue->snapshot_message(instrument, next_request_++));
  drain(current_, options_.clock());
}

void Connection::keep_alive(Link& link, Clock::time_point now) {
  const Keepalive& duty = plan_.venue->keepalive;
  if (duty.interval.count() == 0) return;
  const auto since =
      duty.only_if_idle ? std::max(link.last_frame, link.last_sent) : link.last_keepalive;
  if (now - since < duty.interval) return;
  link.last_sent = link.last_keepalive = now;
  if (duty.client_text.empty()) return link.stream->ping();
  link.stream->send(duty.client_text);
}

void Connection::drain(std::size_t index, Clock::time_point now) {
  Link& link = links_[index];
  while (link.open && (!link.outbox.empty() || !link.renewals.empty())) {
    if (pacer_.take(now).count() != 0) return;
    if (link.outbox.empty()) renew(link);
    if (link.outbox.empty()) return;
    std::string text = std::move(link.outbox.front());
    link.outbox.pop_front();
    say(index, text, now);
  }
}

void Connection::say(std::size_t index, std::string_view text, Clock::time_point now) {
  emit(index, FrameKind::Sent, text);
  links_[index].last_sent = now;
  links_[index].stream->send(text);
}

// All streams in as few requests as the venue allows: they are rationed by the hour at some.
void Connection::renew(Link& link) {
  for (const auto request : {plan_.venue->unsubscribe, plan_.venue->subscribe}) {
    std::vector<std::string> texts = request(link.renewals, next_request_);
    next_request_ += texts.size();
    for (std::string& text : texts) link.outbox.push_back(std::move(text));
  }
  link.renewals.clear();
}

void Connection::resubscribe(const Stream& stream) {
  Link& link = links_[current_];
  if (!link.open) return;
  resubscribe(link, stream);
  drain(current_, options_.clock());
}

void Connection::resubscribe(Link& link, const Stream& stream) {
  const bool waits =
      std::any_of(link.renewals.begin(), link.renewals.end(), [&stream](const Stream& other) {
        return other.kind == stream.kind && other.instrument->id == stream.instrument->id;
      });
  if (waits) return;
  ++counters_.resubscribes;
  link.renewals.push_back(stream);
}

void Connection::saw_data(ConnectionId id, InstrumentId instrument) {
  for (Link& link : links_) {
    if (link.id == id) link.awaited.erase(instrument.raw());
  }
}

// Acknowledged is not delivered: a stream that brings nothing is on the wrong path, or gone. Or
// nothing happens to that book, so it is asked for less and less often.
void Connection::watch_awaited(Link& link, Clock::time_point now) {
  for (auto& [instrument, awaited] : link.awaited) {
    if (now < awaited.until) continue;
    ++counters_.no_data;
    for (const Stream& stream : plan_.streams) {
      if (stream.kind != StreamKind::Book || stream.instrument->id.raw() != instrument) continue;
      tell(NetEvent::Kind::NoData, stream.instrument->symbol + ": subscribed, and no data for " +
                                       std::to_string(awaited.patience.count()) + " ms");
      resubscribe(link, stream);
    }
    awaited.patience = std::min(2 * awaited.patience, 32 * options_.data_deadline);
    awaited.until = now + awaited.patience;
  }
}

}  // namespace steelyard
