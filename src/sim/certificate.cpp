#include "sim/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace steelyard::sim {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

void need(bool ok, const char* what) {
  if (!ok) throw std::runtime_error{std::string{"simulator certificate: "} + what};
}

[[nodiscard]] Key make_key() {
  Key key{EVP_EC_gen("P-256")};
  need(key != nullptr, "no key");
  return key;
}

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  need(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Not signed yet; without an issuer it names itself as one.
[[nodiscard]] Cert make(const char* name, EVP_PKEY* key, X509* issuer, long from_s, long to_s,
                        int serial) {
  Cert certificate{X509_new()};
  need(certificate != nullptr, "no memory");
  X509* const x = certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
  X509_gmtime_adj(X509_getm_notBefore(x), from_s);
  X509_gmtime_adj(X509_getm_notAfter(x), to_s);
  X509_set_pubkey(x, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer == nullptr ? x : issuer));
  return certificate;
}

[[nodiscard]] std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

[[nodiscard]] std::string pem(X509* certificate) {
  const Bio bio{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

struct Authority {
  Key key;
  Cert certificate;
};

[[nodiscard]] Authority make_authority(const char* name) {
  Authority authority;
  authority.key = make_key();
  authority.certificate = make(name, authority.key.get(), nullptr, -3600, 86'400, 1);
  X509* const x = authority.certificate.get();
  extend(x, x, NID_basic_constraints, "critical,CA:TRUE");
  extend(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(x, x, NID_subject_key_identifier, "hash");
  need(X509_sign(x, authority.key.get(), EVP_sha256()) != 0, "the authority cannot be signed");
  return authority;
}

}  // namespace

Certificate make_certificate(CertificateFlaw flaw) {
  const Authority trusted = make_authority("steelyard simulator");
  const Authority other = make_authority("somebody else");
  const Authority& signer = flaw == CertificateFlaw::WrongAuthority ? other : trusted;
  const Key key = make_key();
  const bool expired = flaw == CertificateFlaw::Expired;
  const bool self_signed = flaw == CertificateFlaw::SelfSigned;
  const Cert leaf = make("localhost", key.get(), self_signed ? nullptr : signer.certificate.get(),
                         expired ? -7200 : -3600, expired ? -3600 : 86'400, 2);
  X509* const issuer = self_signed ? leaf.get() : signer.certificate.get();
  extend(
      leaf.get(), issuer, NID_subject_alt_name,
      flaw == CertificateFlaw::WrongHost ? "DNS:elsewhere.example" : "DNS:localhost,IP:127.0.0.1");
  extend(leaf.get(), issuer, NID_ext_key_usage, "serverAuth");
  // Which of several authorities of one name it is of.
  if (!self_signed) extend(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always");
  EVP_PKEY* const signing_key = self_signed ? key.get() : signer.key.get();
  need(X509_sign(leaf.get(), signing_key, EVP_sha256()) != 0, "the leaf cannot be signed");

  Certificate out;
  out.authority_pem = pem(trusted.certificate.get());
  out.chain_pem = pem(leaf.get());
  if (!self_signed) out.chain_pem += pem(signer.certificate.get());
  const Bio bio{BIO_new(BIO_s_mem())};
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  out.key_pem = text_of(bio.get());
  return out;
}

}  // namespace steelyard::sim
