// Accounts (RFC 8555, section 7.3).
#include <algorithm>
#include <utility>

#include "padlock/acme/limits.h"
#include "padlock/acme/server/ca_server_impl.h"
#include "padlock/acme/server/json_jwk.h"

namespace padlock::acme {
namespace {

constexpr std::string_view mail_scheme = "mailto:";

/// One address and nothing more (RFC 8555, section 7.3): no fields, no list.
bool is_mail(std::string_view address) {
  const std::size_t at = address.find('@');
  const auto odd = [](char c) {
    return c <= ' ' || c > '~' || c == ',' || c == '?' || c == '%' || c == '<' || c == '>';
  };
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
         address.find('@', at + 1) == std::string_view::npos && std::ranges::none_of(address, odd);
}

/// Nothing: the payload says nothing of them.
Granted<std::optional<std::vector<std::string>>> contacts_of(const Json& payload) {
  const auto list = optional_array(payload, "account", "contact", server_limits::contacts);
  if (!list) return malformed_payload(list.error().what);
  if (*list == nullptr) return std::optional<std::vector<std::string>>();
  std::vector<std::string> contacts;
  for (const Json& one : **list) {
    if (!one.is_string()) return malformed_payload("a contact is no text");
    const auto& url = one.get_ref<const std::string&>();
    if (!url.starts_with(mail_scheme))
      return refused(server_rules::unsupported_contact, shown(url) + " is not mailto:");
    if (url.size() > server_limits::contact_bytes || !is_mail(std::string_view(url).substr(mail_scheme.size())))
      return refused(server_rules::invalid_contact, shown(url) + " is no address");
    contacts.push_back(url);
  }
  return std::optional(std::move(contacts));
}

std::string account_path(const AccountRecord& account) { return "account/" + account.id; }

}  // namespace

Json account_json(const Post& post, const AccountRecord& account) {
  return {{"status", name_of(account.status)},
          {"contact", account.contact},
          {"orders", post.url(account_path(account) + "/orders")}};
}

/// RFC 8555, sections 7.3 and 7.3.1.
Granted<Response> CaServer::Impl::new_account(const Post& post, Instant now) {
  if (post.path.size() != 1 || post.reads()) return malformed_payload("a new account has a payload");
  const auto only_existing = flag_field(post.payload, "account", "onlyReturnExisting");
  if (!only_existing) return malformed_payload(only_existing.error().what);
  const auto answer = [&](int status, const AccountRecord& account) {
    Response response = document_response(status, account_json(post, account));
    response.fields.add("Location", post.url(account_path(account)));
    return response;
  };
  if (const AccountRecord* const known = ledger.find_account_by_key(*post.jws.jwk)) {
    if (known->status != Status::valid)
      return refused(server_rules::account_deactivated, "the account of this key was deactivated");
    return answer(200, *known);
  }
  if (*only_existing) return refused(server_rules::account_does_not_exist, "no account has this key");
  const auto contacts = PADLOCK_TRY(contacts_of(post.payload));
  std::string external = PADLOCK_TRY(bound_by(post));
  if (const auto wait = new_accounts.wait(post.request.client, now.monotonic);
      wait || ledger.accounts() >= server_limits::accounts) {
    Refused why(Error{&server_rules::rate_limited, "too many accounts were made"});
    why.retry_after = wait.value_or(server_limits::span);
    return std::unexpected(std::move(why));
  }
  new_accounts.note(post.request.client, now.monotonic);
  const AccountRecord& account = ledger.add({.id = PADLOCK_TRY(random_name(provider)),
                                             .key = *post.jws.jwk,
                                             .contact = contacts.value_or(std::vector<std::string>()),
                                             .external_key = std::move(external),
                                             .created = now.wall});
  ledger.save(account);
  return answer(201, account);
}

/// The key identifier that a new account is bound with (RFC 8555, section 7.3.4); empty: none.
Granted<std::string> CaServer::Impl::bound_by(const Post& post) const {
  const auto found = post.payload.find("externalAccountBinding");
  if (found == post.payload.end()) {
    if (options.external_account_required)
      return refused(server_rules::external_account_required, "the account is bound to none that is known here");
    return std::string();
  }
  const auto no = [](std::string what) { return refused(server_rules::external_account_refused, std::move(what)); };
  const std::string text = write_json(*found);
  const auto binding = parse_signed_request(as_bytes(text));
  if (!binding) return no("the binding is no JWS: " + binding.error().what);
  if (!binding->kid || binding->jwk || binding->nonce)
    return no("the binding has `kid`, and neither `jwk` nor `nonce`");
  const auto key = options.external_accounts.find(*binding->kid);
  if (key == options.external_accounts.end()) return no("nobody has the key identifier " + shown(*binding->kid));
  if (!verify_mac(*binding, key->second.reveal())) return no("the binding's MAC is not good");
  if (binding->url != post.jws.url) return no("the binding is for " + shown(binding->url));
  const auto bound = parse_jwk(binding->payload);
  if (!bound || bound->text != post.jws.jwk->text) return no("the binding is of another key");
  return *binding->kid;
}

/// Looks, updates and deactivates (RFC 8555, sections 7.3.2 and 7.3.6), and lists orders (section 7.1.2.1).
Granted<Response> CaServer::Impl::account(const Post& post) {
  if (post.path.size() < 2 || post.path[1] != post.account->id)
    return refused(server_rules::not_yours, "the account is not the one that signed");
  if (post.path.size() == 3 && post.path[2] == "orders" && post.reads()) {
    Json urls = Json::array();
    for (const auto& [id, order] : ledger.orders()) {
      const bool shown = order.account == post.account->id && order.status != Status::invalid;
      if (shown && urls.size() < server_limits::listed_orders) urls.push_back(post.url("order/" + id));
    }
    return document_response(200, {{"orders", urls}});
  }
  if (post.path.size() != 2)
    return refused(server_rules::not_found, "there is nothing at " + shown(post.request.target));
  if (post.reads()) return document_response(200, account_json(post, *post.account));
  const auto status = optional_text(post.payload, "account", "status");
  if (!status || (*status && **status != "deactivated" && **status != "valid"))
    return malformed_payload("an account can become `deactivated` and nothing else");
  auto contacts = PADLOCK_TRY(contacts_of(post.payload));
  if (contacts) post.account->contact = *std::move(contacts);
  if (*status && **status == "deactivated") post.account->status = Status::deactivated;
  ledger.save(*post.account);
  return document_response(200, account_json(post, *post.account));
}

/// RFC 8555, section 7.3.5: the new key has signed that it takes over, and the old one signs that.
Granted<Response> CaServer::Impl::key_change(const Post& post) {
  const auto inner = parse_signed_request(as_bytes(post.jws.payload));
  if (!inner) return std::unexpected(Refused(inner.error()));
  if (!inner->jwk || inner->kid || inner->nonce)
    return refused(server_rules::key_or_account, "the inner request has `jwk`, and neither `kid` nor `nonce`");
  PADLOCK_TRY(verify_signed_request(*inner, *inner->jwk, provider));
  if (inner->url != post.jws.url) return malformed_payload("the inner request is for " + shown(inner->url));
  const auto change = parse_json_object(as_bytes(inner->payload), "key change");
  if (!change) return malformed_payload(change.error().what);
  const auto account = optional_text(*change, "key change", "account");
  const auto old_key = change->contains("oldKey") ? read_jwk(change->at("oldKey")) : read_jwk(Json());
  if (!account || *account != post.jws.kid) return malformed_payload("the inner request is of another account");
  if (!old_key || old_key->text != post.account->key.text)
    return malformed_payload("`oldKey` is not the account's key");
  if (const AccountRecord* const other = ledger.find_account_by_key(*inner->jwk)) {
    Refused why(Error{&server_rules::key_in_use, "the new key is in use"});
    why.location = post.url(account_path(*other));
    return std::unexpected(std::move(why));
  }
  ledger.change_key(*post.account, *inner->jwk);
  ledger.save(*post.account);
  return document_response(200, account_json(post, *post.account));
}

}  // namespace padlock::acme
