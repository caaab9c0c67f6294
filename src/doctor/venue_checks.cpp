#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <memory>

#include "doctor/doctor.hpp"
#include "observe/number_text.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

using Level = Finding::Level;
constexpr int kPatienceMs = 5000;

struct Closer {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

class Socket {
 public:
  ~Socket() {
    if (handle_ >= 0) close(handle_);
  }
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int handle() const noexcept { return handle_; }

  // To the first of these addresses that takes it, as the daemon does. 0, or the errno of the last.
  [[nodiscard]] int connect(const addrinfo* to) {
    int error = EADDRNOTAVAIL;
    for (; to != nullptr; to = to->ai_next) {
      if (error = try_one(*to); error == 0) return 0;
    }
    return error;
  }
  [[nodiscard]] bool wait(short events) const {
    pollfd ready{handle_, events, 0};
    return poll(&ready, 1, kPatienceMs) > 0;
  }

 private:
  [[nodiscard]] int try_one(const addrinfo& to) {
    if (handle_ >= 0) close(handle_);
    handle_ = socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle_ < 0) return errno;
    if (::connect(handle_, to.ai_addr, to.ai_addrlen) != 0 && errno != EINPROGRESS) return errno;
    if (!wait(POLLOUT)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(handle_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }

  int handle_ = -1;
};

// What an endpoint answered, or at which step it did not.
struct Visit {
  std::string failed_at;  // "DNS", "TCP", "proxy", "TLS", "HTTP"; empty: all went well
  std::string error;
  int refused = 0;               // errno of the connection
  long certificate = X509_V_OK;  // the verdict on it
  std::int64_t dns_ns = 0, tcp_ns = 0, tls_ns = 0, http_ns = 0;
  double offset_s = std::nan("");  // ours minus theirs; their clock has whole seconds
  int days_left = -1;              // of the certificate
};

[[nodiscard]] bool tls_wait(const Socket& socket, SSL* tls, int result) {
  const int error = SSL_get_error(tls, result);
  if (error == SSL_ERROR_WANT_READ) return socket.wait(POLLIN);
  if (error == SSL_ERROR_WANT_WRITE) return socket.wait(POLLOUT);
  return false;
}

[[nodiscard]] std::string tls_error(SSL* tls) {
  if (const long verdict = SSL_get_verify_result(tls); verdict != X509_V_OK) {
    return X509_verify_cert_error_string(verdict);
  }
  char text[160] = "no answer";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, text, sizeof text);
  }
  return text;
}

[[nodiscard]] std::string pass_proxy(const Socket& socket, const std::string& target) {
  const std::string ask = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
  if (send(socket.handle(), ask.data(), ask.size(), MSG_NOSIGNAL) < 0) return std::strerror(errno);
  std::string answer;
  std::array<char, 1024> bytes{};
  while (answer.find("\r\n\r\n") == std::string::npos && answer.size() < 8192) {
    if (!socket.wait(POLLIN)) return "no answer within 5 s";
    const ssize_t count = recv(socket.handle(), bytes.data(), bytes.size(), 0);
    if (count <= 0) return "it hung up";
    answer.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return answer.substr(8, 4) == " 200" ? "" : answer.substr(0, answer.find('\r'));
}

void ask_for_the_time(const Socket& socket, SSL* tls, const DoctorPlan::Venue& venue,
                      Visit& visit) {
  const std::string ask = "HEAD " + (venue.path.empty() ? "/" : venue.path) +
                          " HTTP/1.1\r\nHost: " + venue.host +
                          "\r\nUser-Agent: steelyard-doctor\r\nConnection: close\r\n\r\n";
  const std::int64_t start = monotonic_ns();
  timespec before{};
  clock_gettime(CLOCK_REALTIME, &before);
  if (SSL_write(tls, ask.data(), static_cast<int>(ask.size())) <= 0) {
    visit.failed_at = "HTTP";
    visit.error = "it hung up";
    return;
  }
  std::string answer;
  std::array<char, 4096> bytes{};
  while (answer.find("\r\n\r\n") == std::string::npos && answer.size() < 65'536) {
    const int count = SSL_read(tls, bytes.data(), static_cast<int>(bytes.size()));
    if (count > 0) {
      answer.append(bytes.data(), static_cast<std::size_t>(count));
    } else if (!tls_wait(socket, tls, count)) {
      break;
    }
  }
  visit.http_ns = monotonic_ns() - start;
  if (!answer.starts_with("HTTP/1.")) {
    visit.failed_at = "HTTP";
    visit.error = answer.empty() ? "no answer" : "no HTTP answer";
    return;
  }
  std::size_t at = answer.find("\r\nDate: ");
  if (at == std::string::npos) at = answer.find("\r\ndate: ");
  if (at == std::string::npos) return;
  std::tm utc{};
  if (strptime(answer.c_str() + at + 8, "%a, %d %b %Y %H:%M:%S", &utc) == nullptr) return;
  // Their stamp is the second that had begun, half a way ago.
  const double theirs = static_cast<double>(timegm(&utc)) + 0.5;
  const double ours = static_cast<double>(before.tv_sec) +
                      static_cast<double>(before.tv_nsec) / 1e9 +
                      static_cast<double>(visit.http_ns) / 2e9;
  visit.offset_s = ours - theirs;
}

[[nodiscard]] Visit visit(const DoctorPlan& plan, SSL_CTX* context,
                          const DoctorPlan::Venue& venue) {
  Visit visit;
  const std::size_t colon = plan.proxy.rfind(':');
  const bool proxied = colon != std::string::npos;
  const std::string host = proxied ? plan.proxy.substr(0, colon) : venue.host;
  const std::string port = proxied ? plan.proxy.substr(colon + 1) : venue.port;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto fail = [&visit](const char* step, std::string error) {
    visit.failed_at = step;
    visit.error = std::move(error);
    return visit;
  };
  std::int64_t start = monotonic_ns();
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) return fail("DNS", gai_strerror(error));
  const std::unique_ptr<addrinfo, Closer> list{found};
  visit.dns_ns = monotonic_ns() - start;
  start = monotonic_ns();
  Socket socket;
  visit.refused = socket.connect(found);
  if (visit.refused != 0) return fail("TCP", std::strerror(visit.refused));
  visit.tcp_ns = monotonic_ns() - start;
  if (proxied) {
    if (std::string reason = pass_proxy(socket, venue.host + ":" + venue.port); !reason.empty()) {
      return fail("proxy", reason);
    }
  }
  start = monotonic_ns();
  ERR_clear_error();
  const std::unique_ptr<SSL, Closer> tls{SSL_new(context)};
  SSL_set_fd(tls.get(), socket.handle());
  SSL_set_tlsext_host_name(tls.get(), venue.host.c_str());
  SSL_set1_host(tls.get(), venue.host.c_str());
  for (int result = 0; (result = SSL_connect(tls.get())) != 1;) {
    if (tls_wait(socket, tls.get(), result)) continue;
    visit.certificate = SSL_get_verify_result(tls.get());
    return fail("TLS", tls_error(tls.get()));
  }
  visit.tls_ns = monotonic_ns() - start;
  if (X509* const certificate = SSL_get0_peer_certificate(tls.get()); certificate != nullptr) {
    int seconds = 0;
    ASN1_TIME_diff(&visit.days_left, &seconds, nullptr, X509_get0_notAfter(certificate));
  }
  ask_for_the_time(socket, tls.get(), venue, visit);
  return visit;
}

// What is wrong with a certificate decides what mends it.
[[nodiscard]] std::string tls_advice(const Visit& visit, const DoctorPlan& plan,
                                     const DoctorPlan::Venue& venue) {
  const std::string show = "openssl s_client -connect " + venue.host + ":" + venue.port +
                           " -servername " + venue.host + " </dev/null";
  switch (visit.certificate) {
    case X509_V_OK:
      return show + " shows what answers there; a port of plain HTTP, or a proxy in between?";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "date -u: is this host's clock right? If it is, only the venue can mend it: " + show +
             " | openssl x509 -noout -dates";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return show +
             " | openssl x509 -noout -ext subjectAltName says whose it is; mend the name in " +
             "the configuration, or /etc/hosts; a proxy that reads along is no venue";
    default:
      break;
  }
  return plan.ca_file.empty()
             ? "apt-get install ca-certificates; behind a proxy that reads along: its authority "
               "in network.ca_file"
             : "network.ca_file (" + plan.ca_file + ") must hold the authority of this endpoint";
}

[[nodiscard]] std::string advice(const Visit& visit, const DoctorPlan& plan,
                                 const DoctorPlan::Venue& venue) {
  const std::string proxy = plan.proxy.substr(0, plan.proxy.rfind(':'));
  const std::string& host = proxy.empty() ? venue.host : proxy;
  if (visit.failed_at == "DNS") {
    return "getent hosts " + host +
           "; the resolver in /etc/resolv.conf, or the name in the configuration";
  }
  if (visit.failed_at == "TCP" && visit.refused == ECONNREFUSED) {
    return proxy.empty() ? "nothing listens there: the host and port in the configuration (" +
                               venue.host + ":" + venue.port + "), or a firewall that rejects"
                         : "nothing listens there: network.proxy (" + plan.proxy + ")";
  }
  if (visit.failed_at == "TCP") {
    return "a firewall or route: ip route get $(getent ahosts " + host +
           " | awk 'NR==1{print $1}'); behind a proxy: network.proxy";
  }
  if (visit.failed_at == "proxy") return "network.proxy names what must let CONNECT through";
  if (visit.failed_at == "TLS") return tls_advice(visit, plan, venue);
  return "something answers there that is no venue: a proxy's or provider's page?";
}

}  // namespace

void look_at_venues(const DoctorPlan& plan, std::vector<Finding>& out) {
  const std::unique_ptr<SSL_CTX, Closer> context{SSL_CTX_new(TLS_client_method())};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded = plan.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                          : SSL_CTX_load_verify_locations(
                                                context.get(), plan.ca_file.c_str(), nullptr);
  if (loaded != 1) {
    out.push_back({Level::Bad, "venues", "authorities", plan.ca_file + " cannot be read",
                   "no connection can be verified", "network.ca_file: a PEM file that is there"});
    return;
  }
  for (const DoctorPlan::Venue& venue : plan.venues) {
    const Visit seen = visit(plan, context.get(), venue);
    const std::string name = venue.name + " " + venue.host + ":" + venue.port;
    if (!seen.failed_at.empty()) {
      out.push_back({Level::Bad, "venues", name, seen.failed_at + ": " + seen.error,
                     "the daemon cannot follow this venue", advice(seen, plan, venue)});
      continue;
    }
    std::string text = "DNS " + duration_text(static_cast<std::uint64_t>(seen.dns_ns)) + ", TCP " +
                       duration_text(static_cast<std::uint64_t>(seen.tcp_ns)) + ", TLS " +
                       duration_text(static_cast<std::uint64_t>(seen.tls_ns)) + ", answer " +
                       duration_text(static_cast<std::uint64_t>(seen.http_ns));
    const double unsure = 0.5 + static_cast<double>(seen.http_ns) / 2e9;
    if (!std::isnan(seen.offset_s)) {
      char offset[64];
      std::snprintf(offset, sizeof offset, ", clock %+.1f s (within %.1f s)", seen.offset_s,
                    unsure);
      text += offset;
    }
    if (std::abs(seen.offset_s) > unsure + 0.5) {
      out.push_back(
          {Level::Warning, "venues", name, text,
           "this machine's clock is not the venue's: ages and latencies are off by as much",
           "chronyc tracking; see \"synchronised\""});
    } else if (seen.days_left >= 0 && seen.days_left < 7) {
      out.push_back({Level::Note, "venues", name,
                     text + ", certificate ends in " + std::to_string(seen.days_left) +
                         (seen.days_left == 1 ? " day" : " days"),
                     "", ""});
    } else {
      out.push_back({Level::Good, "venues", name, text, "", ""});
    }
  }
}

}  // namespace steelyard
