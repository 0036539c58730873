// libssl as a careful user sets it up: contexts shared, no session cache, tickets only where they are measured, and a
// BIO without buffers of its own, so that what it costs is TLS alone.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <string>

#include "bench/harness.h"
#include "bench/tls/end.h"
#include "bench/tls/libcrypto_peer.h"
#include "bench/tls/pki.h"

namespace padlock::bench {
namespace {

using Context = std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, FreedBy<SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, FreedBy<SSL_SESSION_free>>;
using Method = std::unique_ptr<BIO_METHOD, FreedBy<BIO_meth_free>>;
using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;

/// What a BIO reads from and writes to.
struct Wire {
  Bytes in;
  std::vector<std::uint8_t> out;
};

int read_wire(BIO* bio, char* data, std::size_t size, std::size_t* taken) {
  BIO_clear_retry_flags(bio);
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  if (wire.in.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *taken = std::min(size, wire.in.size());
  const std::string_view text = as_text(wire.in.first(*taken));
  std::copy(text.begin(), text.end(), data);
  wire.in = wire.in.subspan(*taken);
  return 1;
}

int write_wire(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  auto& out = static_cast<Wire*>(BIO_get_data(bio))->out;
  const Bytes bytes = as_bytes(std::string_view(data, size));
  out.insert(out.end(), bytes.begin(), bytes.end());
  *written = size;
  return 1;
}

long control_wire(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* wire_method() {
  static const Method method = [] {
    Method made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire"));
    require(BIO_meth_set_read_ex(made.get(), read_wire) == 1 && BIO_meth_set_write_ex(made.get(), write_wire) == 1 &&
                BIO_meth_set_ctrl(made.get(), control_wire) == 1,
            "a BIO");
    return made;
  }();
  return method.get();
}

class LibsslEnd final : public End {
 public:
  /// `session`: that a client goes on from; null: none.
  LibsslEnd(SSL_CTX& context, bool is_server, SSL_SESSION* session = nullptr) : connection_(SSL_new(&context)) {
    BIO* const bio = BIO_new(wire_method());
    require(connection_ != nullptr && bio != nullptr, "an SSL");
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(connection_.get(), bio, bio);
    if (is_server) {
      SSL_set_accept_state(connection_.get());
      return;
    }
    SSL_set_connect_state(connection_.get());
    const std::string name(server_name);
    require(SSL_set_tlsext_host_name(connection_.get(), name.c_str()) == 1 &&
                SSL_set1_host(connection_.get(), name.c_str()) == 1,
            "a server name");
    if (session != nullptr) require(SSL_set_session(connection_.get(), session) == 1, "a session");
    go_on();
  }
  /// A session that is not closed by both sides may not be used again; who closes is not measured.
  ~LibsslEnd() override { SSL_set_shutdown(connection_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }
  LibsslEnd(const LibsslEnd&) = delete;
  LibsslEnd& operator=(const LibsslEnd&) = delete;

  void advance(std::span<std::uint8_t> wire) override {
    wire_.in = wire;
    go_on();
  }

  std::vector<std::uint8_t> take_output() override { return std::exchange(wire_.out, {}); }
  bool complete() const override { return SSL_is_init_finished(connection_.get()) == 1; }
  bool resumed() const override { return SSL_session_reused(connection_.get()) == 1; }

  void send(Bytes data) override {
    std::size_t written = 0;
    require(SSL_write_ex(connection_.get(), data.data(), data.size(), &written) == 1 && written == data.size(),
            "SSL_write");
  }

  std::size_t drop_output() override {
    const std::size_t size = wire_.out.size();
    wire_.out.clear();
    return size;
  }

  std::size_t receive(std::span<std::uint8_t> wire) override {
    wire_.in = wire;
    std::size_t length = 0;
    require(SSL_read_ex(connection_.get(), plaintext().data(), plaintext().size(), &length) == 1, "SSL_read");
    return length;
  }

  void idle() override { wire_ = {}; }  // SSL_MODE_RELEASE_BUFFERS did the rest

 private:
  /// One for all, as a server's loop has it.
  static std::span<std::uint8_t> plaintext() {
    static std::vector<std::uint8_t> room(16384);
    return room;
  }

  void go_on() {
    const int done = SSL_do_handshake(connection_.get());
    require(done == 1 || SSL_get_error(connection_.get(), done) == SSL_ERROR_WANT_READ, "SSL_do_handshake");
    std::size_t length = 0;
    if (done == 1 && !wire_.in.empty()) SSL_read_ex(connection_.get(), plaintext().data(), 1, &length);  // tickets
  }

  Connection connection_;
  Wire wire_;
};

X509Handle read_certificate(Bytes der) {
  const unsigned char* at = der.data();
  return X509Handle(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

const char* libssl_name(crypto::NamedGroup group) {
  switch (group) {
    case crypto::NamedGroup::x25519: return "X25519";
    case crypto::NamedGroup::secp256r1: return "P-256";
    case crypto::NamedGroup::X25519MLKEM768: return "X25519MLKEM768";
    default: return "";
  }
}

/// In TLS 1.2 the certificate's curve must be among the groups.
std::string groups_of(const Negotiation& negotiation) {
  return libssl_name(negotiation.group) + std::string(negotiation.tls12 ? ":P-256" : "");
}

Context make_context(const SSL_METHOD* method, const Negotiation& negotiation) {
  const int version = negotiation.tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  Context context(SSL_CTX_new(method));
  require(context != nullptr && SSL_CTX_set_min_proto_version(context.get(), version) == 1 &&
              SSL_CTX_set_max_proto_version(context.get(), version) == 1 &&
              SSL_CTX_set_ciphersuites(
                  context.get(), negotiation.chacha ? "TLS_CHACHA20_POLY1305_SHA256" : "TLS_AES_128_GCM_SHA256") == 1 &&
              SSL_CTX_set_cipher_list(context.get(), "ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
              SSL_CTX_set1_groups_list(context.get(), groups_of(negotiation).c_str()) == 1,
          "an SSL_CTX");
  if (!negotiation.resumed) SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (negotiation.many_idle) SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

constexpr std::array<unsigned char, 9> alpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_alpn(SSL* /*session*/, const unsigned char** out, unsigned char* length, const unsigned char* offered,
                unsigned int offered_length, void* /*argument*/) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, length, alpn.data(), alpn.size(), offered, offered_length);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

class LibsslEnds final : public Ends {
 public:
  explicit LibsslEnds(const Negotiation& negotiation)
      : files_(pki(negotiation.keys)),
        client_(make_context(TLS_client_method(), negotiation)),
        server_(make_context(TLS_server_method(), negotiation)) {
    set_up_client(negotiation);
    set_up_server(negotiation);
  }

  std::unique_ptr<End> client() override { return std::make_unique<LibsslEnd>(*client_, false, session_.get()); }
  std::unique_ptr<End> server() override { return std::make_unique<LibsslEnd>(*server_, true); }

 private:
  void set_up_client(const Negotiation& negotiation) {
    const X509Handle root = read_certificate(files_.root);
    require(X509_STORE_add_cert(SSL_CTX_get_cert_store(client_.get()), root.get()) == 1, "the root");
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(client_.get()), bench_time().time_since_epoch().count());
    SSL_CTX_set_verify(client_.get(), negotiation.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    require(SSL_CTX_set_alpn_protos(client_.get(), alpn.data(), alpn.size()) == 0, "ALPN");
    if (!negotiation.resumed) return;
    SSL_CTX_set_session_cache_mode(client_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(client_.get(), this);
    SSL_CTX_sess_set_new_cb(client_.get(), keep_session);
  }

  void set_up_server(const Negotiation& negotiation) {
    const auto& chain = files_.credential->chain;
    const X509Handle leaf = read_certificate(chain.front());
    const unsigned char* at = files_.leaf_key.data();
    const PkeyHandle key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(files_.leaf_key.size())));
    require(SSL_CTX_use_certificate(server_.get(), leaf.get()) == 1 &&
                SSL_CTX_use_PrivateKey(server_.get(), key.get()) == 1,
            "the leaf");
    require(SSL_CTX_add1_chain_cert(server_.get(), read_certificate(chain.at(1)).get()) == 1, "the intermediate");
    require(SSL_CTX_set_num_tickets(server_.get(), negotiation.resumed ? 1 : 0) == 1, "tickets");
    SSL_CTX_set_alpn_select_cb(server_.get(), choose_alpn, nullptr);
  }

  /// Takes the reference to the first session; a client that went on looking for more would use each only once.
  static int keep_session(SSL* connection, SSL_SESSION* session) {
    SSL_CTX* const context = SSL_get_SSL_CTX(connection);
    static_cast<LibsslEnds*>(SSL_CTX_get_app_data(context))->session_.reset(session);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return 1;
  }

  const Pki& files_;
  Session session_;  // that a client was given
  Context client_;
  Context server_;
};

}  // namespace

std::shared_ptr<Ends> libssl_ends(const Negotiation& negotiation) { return std::make_shared<LibsslEnds>(negotiation); }

bool libssl_has(crypto::NamedGroup group) {
  const Context context(SSL_CTX_new(TLS_method()));
  const bool has = SSL_CTX_set1_groups_list(context.get(), libssl_name(group)) == 1;
  ERR_clear_error();
  return has;
}

}  // namespace padlock::bench
