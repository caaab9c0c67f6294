#include "sim/capture_player.hpp"

#include <algorithm>
#include <utility>

namespace steelyard::sim {
namespace {

// What a client may leave unread before it is waited for.
constexpr std::size_t kMostQueued = 4U << 20;
constexpr std::chrono::seconds kSubscribedBySilence{2};
// Real venues ping a client to whom they have nothing to say.
constexpr std::chrono::seconds kPingEvery{10};

[[nodiscard]] std::string path_of(const std::string& target) {
  return target.substr(0, target.find('?'));
}

// A request as it would be whatever its number: clients count theirs.
[[nodiscard]] std::string without_id(std::string_view request) {
  std::string text{request};
  const std::size_t key = text.find("\"id\":");
  if (key == std::string::npos) return text;
  const std::size_t value = key + 5;
  return text.erase(value, std::min(text.find_first_of(",}", value), text.size()) - value);
}

}  // namespace

CapturePlayer::CapturePlayer(RecordedVenue recorded, double speed) : speed_{speed} {
  std::map<std::uint32_t, Connection> connections;
  std::vector<std::uint32_t> order;
  for (RecordedLine& line : recorded.lines) {
    if (line.kind == RecordedLine::Kind::Answer) {
      answers_.add(target_of(line.url), std::move(line.payload));
      continue;
    }
    const auto [held, is_new] = connections.try_emplace(line.connection);
    Connection& connection = held->second;
    if (is_new) {
      order.push_back(line.connection);
      connection.target = target_of(line.url);
    }
    std::vector<Life>& lives = connection.lives;
    const bool starts = line.kind == RecordedLine::Kind::Up;
    if (line.kind == RecordedLine::Kind::Down) {
      if (!lives.empty()) lives.back().is_lost = true;
      continue;
    }
    if (lives.empty() || starts || lives.back().is_lost) lives.emplace_back();
    Life& life = lives.back();
    if (line.kind == RecordedLine::Kind::Sent) {
      if (!life.subscribed.empty()) continue;
      life.subscribed = without_id(line.payload);
      life.since_ns = line.ts_ns;
      life.has_start = true;
      continue;
    }
    if (!life.has_start) life.since_ns = line.ts_ns;
    life.has_start = true;
    if (starts) continue;
    life.messages.push_back(
        {line.ts_ns, line.kind == RecordedLine::Kind::Binary, std::move(line.payload)});
    ++messages_;
  }
  for (const std::uint32_t number : order) {
    Connection& connection = connections[number];
    std::erase_if(connection.lives, [](const Life& life) { return life.messages.empty(); });
    if (!connection.lives.empty()) connections_.push_back(std::move(connection));
  }
}

void CapturePlayer::on_open(Session& session) {
  const auto now = Clock::now();
  Client& client = clients_[&session];
  client.since = client.last_sent = now;
  client.subscribed = session.path.find('?') != std::string::npos &&
                      std::any_of(connections_.begin(), connections_.end(),
                                  [&](const Connection& c) { return c.target == session.path; });
}

void CapturePlayer::on_text(Session& session, std::string_view text) {
  const auto found = clients_.find(&session);
  if (found == clients_.end() || found->second.subscribed) return;
  found->second.subscribed = true;
  found->second.request = without_id(text);
  found->second.since = Clock::now();
}

void CapturePlayer::on_closed(Session& session) {
  const auto found = clients_.find(&session);
  if (found == clients_.end()) return;
  if (Connection* const connection = found->second.connection; connection != nullptr) {
    connection->taken = false;
    // It will be played again from its start.
    played_ -= found->second.at;
  }
  clients_.erase(found);
}

void CapturePlayer::attach(Client& client, const std::string& path, Clock::time_point now) {
  const auto matches = [&path](const Connection& connection, int how) {
    return how == 0   ? connection.target == path
           : how == 1 ? path_of(connection.target) == path_of(path)
                      : true;
  };
  for (int how = 0; how < 3; ++how) {
    Connection* first = nullptr;
    bool any = false;
    for (Connection& connection : connections_) {
      if (!matches(connection, how)) continue;
      any = true;
      if (!connection.is_free()) continue;
      const bool same =
          !client.request.empty() && connection.lives[connection.next].subscribed == client.request;
      if (first == nullptr || same) first = &connection;
      if (same) break;
    }
    if (first != nullptr) {
      first->taken = true;
      client.connection = first;
      client.at = 0;
      client.since = now;
    }
    // Others' connections are no substitute for one of its own that is taken.
    if (any) return;
  }
}

void CapturePlayer::play(Clock::time_point now) {
  // A copy: what is sent may close a session.
  std::vector<Session*> sessions;
  for (const auto& [session, client] : clients_) sessions.push_back(session);
  for (Session* const session : sessions) {
    const auto found = clients_.find(session);
    if (found != clients_.end()) play(*session, found->second, now);
  }
}

void CapturePlayer::play(Session& session, Client& client, Clock::time_point now) {
  if (!client.subscribed && now - client.since > kSubscribedBySilence) client.subscribed = true;
  if (client.subscribed && !client.done && client.connection == nullptr)
    attach(client, session.path, now);
  if (now - client.last_sent > kPingEvery) {
    client.last_sent = now;
    session.ping();
  }
  if (client.connection == nullptr) return;
  Connection& connection = *client.connection;
  const Life& life = connection.lives[connection.next];
  const auto due = [&](const Message& message) {
    if (speed_ == 0.0) return true;
    const double ns = static_cast<double>(message.ts_ns - life.since_ns) / speed_;
    return now - client.since >= std::chrono::nanoseconds{static_cast<std::int64_t>(ns)};
  };
  while (client.at < life.messages.size() && session.queued() < kMostQueued) {
    const Message& message = life.messages[client.at];
    if (!due(message)) return;
    ++client.at;
    ++played_;
    client.last_sent = now;
    if (message.binary) {
      session.send_binary(message.payload);
    } else {
      session.send(message.payload);
    }
    // A send may find the client gone.
    if (!clients_.contains(&session)) return;
  }
  if (client.at < life.messages.size() || session.queued() != 0) return;
  // It stays open, and silent, if it was not lost in the recording either.
  client.connection = nullptr;
  client.done = true;
  connection.taken = false;
  ++connection.next;
  if (life.is_lost) session.close();
}

bool CapturePlayer::is_finished() const { return left() == 0; }

std::size_t CapturePlayer::left() const {
  std::size_t left = 0;
  for (const Connection& connection : connections_)
    left += connection.lives.size() - connection.next;
  return left;
}

void CapturePlayer::close_clients() {
  std::vector<Session*> sessions;
  for (const auto& [session, client] : clients_) sessions.push_back(session);
  for (Session* const session : sessions) session->close();
}

void CapturePlayer::restart() {
  for (Connection& connection : connections_) {
    connection.next = 0;
    connection.taken = false;
  }
  for (auto& [session, client] : clients_) {
    client.connection = nullptr;
    client.done = true;
  }
  answers_.restart();
  played_ = 0;
  close_clients();
}

}  // namespace steelyard::sim
