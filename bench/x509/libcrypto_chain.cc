#include "bench/x509/libcrypto_chain.h"

#include <string>

#include "bench/require.h"

namespace padlock::bench {

X509Handle read_x509(Bytes der) {
  const unsigned char* at = der.data();
  X509Handle certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  require(certificate != nullptr, "d2i_X509");
  return certificate;
}

LibcryptoChain::LibcryptoChain(const Pki& pki) : pki_(pki), store_(X509_STORE_new()) {
  require(X509_STORE_add_cert(store_.get(), read_x509(pki.root).get()) == 1, "X509_STORE_add_cert");
}

void LibcryptoChain::verify() const {
  const auto& chain = pki_.credential->chain;
  const X509Handle leaf = read_x509(chain[0]);
  const X509Handle intermediate = read_x509(chain[1]);
  const std::unique_ptr<STACK_OF(X509), FreedBy<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>> others(
      sk_X509_new_null());
  sk_X509_push(others.get(), intermediate.get());
  const std::unique_ptr<X509_STORE_CTX, FreedBy<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  require(X509_STORE_CTX_init(context.get(), store_.get(), leaf.get(), others.get()) == 1, "X509_STORE_CTX_init");
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, bench_time().time_since_epoch().count());
  X509_VERIFY_PARAM_set1_host(parameters, server_name.data(), server_name.size());
  require(X509_verify_cert(context.get()) == 1, "X509_verify_cert");
}

}  // namespace padlock::bench
