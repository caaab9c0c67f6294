// src/sim/certificate.hpp -- a private certificate authority, made anew at every start, and its
// leaf.
#pragma once

#include <string>

namespace steelyard::sim {

enum class CertificateFlaw { None, WrongHost, WrongAuthority, Expired };

struct Certificate {
  std::string authority_pem;  // what a client is told to trust
  std::string chain_pem;      // what the server shows
  std::string key_pem;
};

// For localhost and 127.0.0.1, valid for a day. Throws std::runtime_error.
[[nodiscard]] Certificate make_certificate(CertificateFlaw flaw = CertificateFlaw::None);

}  // namespace steelyard::sim
