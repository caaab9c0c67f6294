// src/net/stamped_socket.hpp -- a TCP socket that knows when the kernel received what it reads.
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/clock.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// A stream layer under TLS: reads with recvmsg, so that SO_TIMESTAMPNS control messages arrive with
// the bytes. The stamp is that of the last read; 0 where the socket gives none.
//
// TLS asks for one record at a time. Where more waits in the kernel it is taken with the same call,
// into a buffer of our own, and given out from there: a burst costs a system call for each
// kSurplus bytes, not for each record. What comes alone is never copied.
class StampedSocket {
 public:
  using Tcp = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                               boost::asio::io_context::executor_type>;
  using executor_type = Tcp::executor_type;
  using next_layer_type = Tcp;
  using lowest_layer_type = Tcp::lowest_layer_type;

  static constexpr std::size_t kSurplus = 64U << 10;

  explicit StampedSocket(boost::asio::io_context& io) : tcp_{io} {}

  [[nodiscard]] executor_type get_executor() noexcept { return tcp_.get_executor(); }
  [[nodiscard]] Tcp& next_layer() noexcept { return tcp_; }
  [[nodiscard]] lowest_layer_type& lowest_layer() noexcept { return tcp_.lowest_layer(); }
  [[nodiscard]] const lowest_layer_type& lowest_layer() const noexcept {
    return tcp_.lowest_layer();
  }

  void enable_stamps() noexcept {
    const int on = 1;
    setsockopt(tcp_.native_handle(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  }
  // From now on a read that finds nothing tries again in the next round of the event loop, rather
  // than having the kernel tell: two system calls fewer a read, and a core that is never idle.
  void poll() noexcept { polls_ = true; }
  // The kernel's receive time of the bytes read last, or 0.
  [[nodiscard]] TimestampNs received() const noexcept { return received_; }

  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    for (;;) {
      const std::size_t got = receive(buffers, error);
      if (error != boost::asio::error::would_block) return got;
      tcp_.wait(Tcp::wait_read, error);
      if (error) return 0;
    }
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    return tcp_.write_some(buffers, error);
  }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_compose<Token, void(boost::system::error_code, std::size_t)>(
        [this, buffers, waited = false](auto& self, boost::system::error_code error = {}) mutable {
          if (!waited && !error) {
            // Wait first: completing at once would re-enter the caller.
            waited = true;
            // TLS reads nothing where it only wants to come back through the event loop.
            wait(std::move(self),
                 polls_ || has_surplus() || boost::asio::buffer_size(buffers) == 0);
            return;
          }
          std::size_t got = 0;
          if (!error && boost::asio::buffer_size(buffers) != 0) {
            got = receive(buffers, error);
            if (error == boost::asio::error::would_block) {
              wait(std::move(self), polls_);
              return;
            }
          }
          self.complete(error, got);
        },
        token, tcp_);
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  template <typename Self>
  void wait(Self&& self, bool only_a_round) {
    if (only_a_round) {
      boost::asio::post(tcp_.get_executor(), std::forward<Self>(self));
    } else {
      tcp_.async_wait(Tcp::wait_read, std::forward<Self>(self));
    }
  }

  [[nodiscard]] bool has_surplus() const noexcept { return surplus_at_ != surplus_end_; }
  // As much of it as there is room for.
  template <typename Buffers>
  std::size_t take_surplus(const Buffers& buffers) noexcept {
    const std::size_t taken = boost::asio::buffer_copy(
        buffers, boost::asio::buffer(surplus_.get() + surplus_at_, surplus_end_ - surplus_at_));
    surplus_at_ += taken;
    return taken;
  }

  template <typename Buffers>
  std::size_t receive(const Buffers& buffers, boost::system::error_code& error) noexcept {
    if (has_surplus()) {
      error = {};
      return take_surplus(buffers);
    }
    iovec parts[16];
    std::size_t count = 0;
    std::size_t room = 0;
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers) && count < 15; ++at) {
      const boost::asio::mutable_buffer part{*at};
      parts[count++] = {part.data(), part.size()};
      room += part.size();
    }
    parts[count++] = {surplus_.get(), kSurplus};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec)) + 64];
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    for (;;) {
      const ssize_t got = recvmsg(tcp_.native_handle(), &message, MSG_DONTWAIT);
      if (got > 0) {
        error = {};
        received_ = stamp_of(message);
        surplus_at_ = 0;
        surplus_end_ =
            static_cast<std::size_t>(got) - std::min(static_cast<std::size_t>(got), room);
        return static_cast<std::size_t>(got) - surplus_end_;
      }
      if (got < 0 && errno == EINTR) continue;
      error = got == 0 ? boost::system::error_code{boost::asio::error::eof}
              : errno == EAGAIN || errno == EWOULDBLOCK
                  ? boost::system::error_code{boost::asio::error::would_block}
                  : boost::system::error_code{errno, boost::system::system_category()};
      return 0;
    }
  }

  [[nodiscard]] static TimestampNs stamp_of(msghdr& message) noexcept {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec at{};
      std::memcpy(&at, CMSG_DATA(part), sizeof at);
      return TimestampNs{std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec};
    }
    return TimestampNs{};
  }

  Tcp tcp_;
  TimestampNs received_;
  std::unique_ptr<char[]> surplus_{new char[kSurplus]};  // not zeroed: untouched until needed
  std::size_t surplus_at_ = 0;
  std::size_t surplus_end_ = 0;
  bool polls_ = false;
};

}  // namespace steelyard
