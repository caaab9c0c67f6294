// tests/support/scripted_protocol.hpp -- a server whose every word a test decides.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/session.hpp"

namespace steelyard {

// Keeps its sessions, in the order in which they came, and what each of them said.
class ScriptedProtocol final : public sim::Protocol {
 public:
  struct Client {
    sim::Session* session;  // nullptr: gone
    std::vector<std::string> said;
    bool said_goodbye = false;
  };

  sim::HttpReply on_request(std::string_view target) override {
    requests.emplace_back(target);
    return answer ? answer(target) : sim::HttpReply{.status = 404, .body = {}, .headers = {}};
  }
  [[nodiscard]] bool accepts(std::string_view path) const override {
    return refuse_path.empty() || path != refuse_path;
  }
  void on_open(sim::Session& session) override {
    clients.push_back({&session, {}, false});
    if (opened) opened(session);
  }
  void on_text(sim::Session& session, std::string_view text) override {
    for (Client& client : clients) {
      if (client.session == &session) client.said.emplace_back(text);
    }
    if (heard) heard(session, text);
  }
  void on_closed(sim::Session& session) override {
    for (Client& client : clients) {
      if (client.session != &session) continue;
      client.said_goodbye = session.said_goodbye;
      client.session = nullptr;
    }
  }
  void on_tick() override {}

  [[nodiscard]] std::size_t open_clients() const {
    std::size_t open = 0;
    for (const Client& client : clients) open += client.session != nullptr ? 1 : 0;
    return open;
  }

  std::vector<Client> clients;
  std::vector<std::string> requests;  // of REST
  std::function<sim::HttpReply(std::string_view)> answer;
  std::function<void(sim::Session&)> opened;
  std::function<void(sim::Session&, std::string_view)> heard;
  std::string refuse_path;
};

}  // namespace steelyard
