// src/sim/certificate.hpp -- a private certificate authority, made anew at every start, and its
// leaf.
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace steelyard::sim {

enum class CertificateFlaw {
  None,
  WrongHost,       // of another name
  WrongAuthority,  // signed by an authority that nobody was told to trust
  Expired,
  SelfSigned,  // by its own key
};

inline constexpr std::string_view kCertificateFlawNames[] = {
    "none", "wrong-host", "unknown-authority", "expired", "self-signed"};

[[nodiscard]] inline std::optional<CertificateFlaw> certificate_flaw_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kCertificateFlawNames); ++i) {
    if (kCertificateFlawNames[i] == name) return static_cast<CertificateFlaw>(i);
  }
  return std::nullopt;
}
[[nodiscard]] constexpr std::string_view to_text(CertificateFlaw flaw) noexcept {
  return kCertificateFlawNames[static_cast<std::size_t>(flaw)];
}

struct Certificate {
  std::string authority_pem;  // what a client is told to trust
  std::string chain_pem;      // what the server shows
  std::string key_pem;
};

// For localhost and 127.0.0.1, valid for a day. Throws std::runtime_error.
[[nodiscard]] Certificate make_certificate(CertificateFlaw flaw = CertificateFlaw::None);

}  // namespace steelyard::sim
