// tests/support/tiny_proxy.hpp -- an HTTP proxy that understands CONNECT and nothing else.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace steelyard {

// Whatever host is asked for, it connects to 127.0.0.1 at that port. One client at a time.
class TinyProxy {
 public:
  // `answer`: its status line to CONNECT; anything but a 200 ends the connection.
  explicit TinyProxy(std::string answer = "HTTP/1.1 200 Connection established")
      : answer_{std::move(answer)} {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
      throw std::runtime_error{"no port to listen at"};
    }
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }
  ~TinyProxy() {
    stop_ = true;
    thread_.join();
    close(listener_);
  }
  TinyProxy(const TinyProxy&) = delete;
  TinyProxy& operator=(const TinyProxy&) = delete;

  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

 private:
  [[nodiscard]] static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }

  void run() {
    while (!stop_) {
      pollfd ready{listener_, POLLIN, 0};
      if (poll(&ready, 1, 20) <= 0) continue;
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      serve(client);
      close(client);
    }
  }

  void serve(int client) {
    std::string head;
    char byte;
    while (head.find("\r\n\r\n") == std::string::npos && recv(client, &byte, 1, 0) == 1) {
      head += byte;
    }
    {
      const std::lock_guard lock{mutex_};
      requests_.push_back(head);
    }
    const std::string reply = answer_ + "\r\nVia: a test\r\n\r\n";
    (void)send(client, reply.data(), reply.size(), MSG_NOSIGNAL);
    const std::size_t colon = head.find(':');
    if (answer_.find(" 200 ") == std::string::npos || colon == std::string::npos) return;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in at =
        loopback(static_cast<std::uint16_t>(std::atoi(head.c_str() + colon + 1)));
    if (connect(server, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) {
      while (!stop_ && pass(client, server)) {
      }
    }
    close(server);
  }

  // What is there, in both directions. False: one end is gone.
  [[nodiscard]] static bool pass(int client, int server) {
    pollfd ends[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(ends, 2, 20) <= 0) return true;
    char bytes[16 * 1024];
    for (int i = 0; i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      const ssize_t got = recv(ends[i].fd, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      for (ssize_t sent = 0; sent < got;) {
        const ssize_t taken =
            send(ends[1 - i].fd, bytes + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (taken <= 0) return false;
        sent += taken;
      }
    }
    return true;
  }

  std::string answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace steelyard
