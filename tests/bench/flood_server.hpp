// tests/bench/flood_server.hpp -- sends frames over TLS as fast as one core can, many in a record.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sim/certificate.hpp"

namespace steelyard::bench {

// One WebSocket client, which is answered in OpenSSL itself: a simulator's stack, with a write a
// frame, would be what is measured.
class FloodServer {
 public:
  explicit FloodServer(const sim::Certificate& certificate)
      : context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free} {
    const auto bio = [](const std::string& pem) {
      return std::unique_ptr<BIO, decltype(&BIO_free)>{
          BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
    };
    const auto chain = bio(certificate.chain_pem);
    X509* const own = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr);
    EVP_PKEY* const key =
        PEM_read_bio_PrivateKey(bio(certificate.key_pem).get(), nullptr, nullptr, nullptr);
    const bool fits = own != nullptr && key != nullptr &&
                      SSL_CTX_use_certificate(context_.get(), own) == 1 &&
                      SSL_CTX_use_PrivateKey(context_.get(), key) == 1;
    X509_free(own);
    EVP_PKEY_free(key);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof at;
    if (!fits || bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
        listen(listener_, 4) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &bytes) != 0) {
      throw std::runtime_error{"flood server: no certificate or no port"};
    }
    port_ = ntohs(at.sin_port);
  }
  ~FloodServer() {
    if (tls_ != nullptr) SSL_free(tls_);
    if (client_ >= 0) close(client_);
    close(listener_);
  }
  FloodServer(const FloodServer&) = delete;
  FloodServer& operator=(const FloodServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  // Whether a client is there by now; then it has been upgraded and has sent its first frame.
  [[nodiscard]] bool accept_one() {
    client_ = accept(listener_, nullptr, nullptr);
    if (client_ < 0) return false;
    tls_ = SSL_new(context_.get());
    SSL_set_fd(tls_, client_);
    if (SSL_accept(tls_) != 1) throw std::runtime_error{"flood server: no TLS"};
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) request.append(buffer, read(buffer));
    constexpr std::string_view kField = "Sec-WebSocket-Key: ";
    const std::size_t key = request.find(kField);
    if (key == std::string::npos) throw std::runtime_error{"flood server: no WebSocket"};
    const std::string proof =
        request.substr(key + kField.size(), 24) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char hash[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<const unsigned char*>(proof.data()), proof.size(), hash);
    unsigned char text[64];
    EVP_EncodeBlock(text, hash, sizeof hash);
    send(std::string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                     "Upgrade\r\nSec-WebSocket-Accept: "} +
         reinterpret_cast<const char*>(text) + "\r\n\r\n");
    (void)read(buffer);
    return true;
  }

  // Text frames, head and all.
  static void append_frame(std::string& out, std::string_view payload) {
    out += '\x81';
    if (payload.size() < 126) {
      out += static_cast<char>(payload.size());
    } else {
      const bool wide = payload.size() > 0xffff;
      out += static_cast<char>(wide ? 127 : 126);
      for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(payload.size() >> shift & 0xff);
      }
    }
    out += payload;
  }
  void send(std::string_view bytes) {
    constexpr std::size_t kRecord = 16'384;
    for (std::size_t at = 0; at < bytes.size(); at += kRecord) {
      const std::string_view part = bytes.substr(at, kRecord);
      if (SSL_write(tls_, part.data(), static_cast<int>(part.size())) <= 0) return;
    }
  }
  // The TLS records that `send` would write, made ahead: a venue does not encrypt on this host, and
  // a core that does cannot send as fast as the other receives. They are next to be sent.
  [[nodiscard]] std::string seal(std::string_view bytes) {
    BIO* const socket_end = SSL_get_wbio(tls_);
    BIO_up_ref(socket_end);
    SSL_set0_wbio(tls_, BIO_new(BIO_s_mem()));
    send(bytes);
    char* records = nullptr;
    const long count = BIO_get_mem_data(SSL_get_wbio(tls_), &records);
    std::string sealed(records, static_cast<std::size_t>(count));
    SSL_set0_wbio(tls_, socket_end);
    return sealed;
  }
  void send_sealed(std::string_view records) {
    while (!records.empty()) {
      const ssize_t sent = ::send(client_, records.data(), records.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      records.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // What the client says until it ends the connection.
  [[nodiscard]] std::string receive_all() {
    std::string bytes;
    char buffer[4096];
    for (int got; (got = SSL_read(tls_, buffer, sizeof buffer)) > 0;) {
      bytes.append(buffer, static_cast<std::size_t>(got));
    }
    SSL_shutdown(tls_);
    return bytes;
  }

 private:
  template <std::size_t kBytes>
  std::size_t read(char (&buffer)[kBytes]) {
    const int got = SSL_read(tls_, buffer, kBytes);
    if (got <= 0) throw std::runtime_error{"flood server: the client went away"};
    return static_cast<std::size_t>(got);
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  SSL* tls_ = nullptr;
  int listener_ = -1;
  int client_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace steelyard::bench
