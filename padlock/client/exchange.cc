#include "padlock/client/exchange.h"

#include <utility>

#include "padlock/client/http1_exchange.h"
#include "padlock/client/http2_exchange.h"

namespace padlock::client {

Result<void> Exchange::on_head(const http::Response& response, bool interim, const FieldsOnStream& place) {
  if (observer() != nullptr) observer()->response_head(response, place);
  if (interim) return {};
  use_ = PADLOCK_TRY(judge_(response));
  return {};
}

Result<void> Exchange::on_body(Bytes bytes) {
  body_bytes_ += bytes.size();
  if (observer() != nullptr) observer()->body(bytes.size());
  if (use_ == BodyUse::drop || !options_.on_body) return {};
  return options_.on_body(bytes);
}

void Exchange::on_end() {
  if (observer() != nullptr) observer()->response_end();
}

std::unique_ptr<Exchange> make_exchange(net::Stream& stream, const FetchOptions& options, net::Deadline end,
                                        HeadJudge judge) {
  const tls::ConnectionInfo* const tls = stream.tls_info();
  if (tls != nullptr && tls->alpn == alpn_of(HttpVersion::HTTP_2))
    return std::make_unique<Http2Exchange>(stream, options, end, std::move(judge));
  return std::make_unique<Http1Exchange>(stream, options, end, std::move(judge));
}

}  // namespace padlock::client
