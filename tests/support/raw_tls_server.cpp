#include "support/raw_tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace steelyard {

struct RawTlsServer::Context {
  Context(const sim::Certificate& certificate, int highest_version)
      : ssl{SSL_CTX_new(TLS_server_method())} {
    // At the usual level nothing below TLS 1.2 is spoken at all.
    if (highest_version != 0) {
      SSL_CTX_set_security_level(ssl, 0);
      SSL_CTX_set_min_proto_version(ssl, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(ssl, highest_version);
    }
    BIO* bio = BIO_new_mem_buf(certificate.chain_pem.data(), -1);
    X509* const leaf = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(ssl, leaf);
    X509_free(leaf);
    while (X509* const next = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) {
      SSL_CTX_add_extra_chain_cert(ssl, next);
    }
    BIO_free(bio);
    bio = BIO_new_mem_buf(certificate.key_pem.data(), -1);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(ssl, key);
    EVP_PKEY_free(key);
    BIO_free(bio);
  }
  ~Context() { SSL_CTX_free(ssl); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  SSL_CTX* ssl;
};

RawTlsServer::RawTlsServer(const sim::Certificate& certificate, Script script)
    : script_{std::move(script)},
      context_{std::make_unique<Context>(certificate, script_.highest_version)} {
  std::signal(SIGPIPE, SIG_IGN);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    throw std::runtime_error{"no port to listen at"};
  }
  port_ = ntohs(at.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

RawTlsServer::~RawTlsServer() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

std::vector<std::string> RawTlsServer::requests() {
  const std::lock_guard lock{mutex_};
  return requests_;
}

void RawTlsServer::run() {
  while (!stop_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, 20) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    // A client that is gone without a word must not hold the test up.
    const timeval limit{5, 0};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    serve(client);
    close(client);
  }
}

void RawTlsServer::serve(int client) {
  const auto hold = [this, client] {
    char byte;
    while (!stop_ && recv(client, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) usleep(2000);
  };
  if (script_.silent) return hold();
  SSL* const ssl = SSL_new(context_->ssl);
  SSL_set_fd(ssl, client);
  if (SSL_accept(ssl) == 1) {
    std::string head;
    char bytes[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const int got = SSL_read(ssl, bytes, sizeof bytes);
      if (got <= 0) break;
      head.append(bytes, static_cast<std::size_t>(got));
    }
    {
      const std::lock_guard lock{mutex_};
      requests_.push_back(head);
    }
    const auto write = [ssl](const std::string& text) {
      return text.empty() || SSL_write(ssl, text.data(), static_cast<int>(text.size())) > 0;
    };
    bool taken = write(script_.answer);
    const std::string last = script_.answer.substr(script_.answer.size() - script_.repeat_last);
    for (std::size_t i = 0; i < script_.repeats && taken && !stop_; ++i) taken = write(last);
    if (script_.end == End::Never) hold();
    if (script_.end == End::Proper) SSL_shutdown(ssl);
  }
  SSL_free(ssl);
}

}  // namespace steelyard
