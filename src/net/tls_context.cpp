#include "net/tls_context.hpp"

#include <openssl/x509_vfy.h>

#include <stdexcept>

namespace steelyard {

namespace ssl = boost::asio::ssl;

TlsContext::TlsContext(const std::string& ca_file) : impl_{std::make_unique<Impl>()} {
  ssl::context& context = impl_->context;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                      ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context.set_verify_mode(ssl::verify_peer);
  // All three of TLS 1.3, the cheapest one first: what is received is public, and a quarter of the
  // rounds of AES less is a quarter of what decrypting costs.
  SSL_CTX_set_ciphersuites(context.native_handle(),
                           "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                           "TLS_CHACHA20_POLY1305_SHA256");
  boost::system::error_code error;
  if (ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(ca_file, error);
  }
  if (error) {
    throw std::runtime_error{
        (ca_file.empty() ? std::string{"the system's certificates"} : ca_file) +
        ": cannot be loaded as certificate authorities: " + error.message()};
  }
}

TlsContext::~TlsContext() = default;

bool expect_host(SSL* tls, const std::string& host) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(tls);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address is no server name (RFC 6066), and has entries of its own in certificates.
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) return true;
  return SSL_set_tlsext_host_name(tls, host.c_str()) == 1 && SSL_set1_host(tls, host.c_str()) == 1;
}

std::string handshake_failure(SSL* tls, const boost::system::error_code& error) {
  const long verdict = SSL_get_verify_result(tls);
  if (verdict == X509_V_OK) return error.message();
  return std::string{"certificate refused: "} + X509_verify_cert_error_string(verdict);
}

}  // namespace steelyard
