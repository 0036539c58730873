#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How an ACME server, or what it is asked for, can break the rules (RFC 8555; docs/threats.md, A5 and A12).
namespace padlock::acme::rules {

// ---- what the user asks for ----
inline constexpr Rule malformed_identifier{.code = "acme.identifier.malformed",
                                           .source = {8555, "7.1.3"},
                                           .hint =
                                               "an identifier is a host name in ASCII (xn-- for others), perhaps with "
                                               "`*.` in front, or an IP address without brackets"};
inline constexpr Rule identifier_count{
    .code = "acme.identifier.count", .source = {0, "A12"}, .hint = "ask for 1 to 100 names in one certificate"};
inline constexpr Rule unsupported_account_key{
    .code = "acme.account.key",
    .source = {8555, "6.2"},
    .hint = "an account key is ECDSA P-256 and signs with ES256; remove its file to have a new one made"};
inline constexpr Rule terms_not_agreed{
    .code = "acme.account.terms",
    .source = {8555, "7.3.3"},
    .hint = "read the CA's terms of service; `agree = true` in [acme] says that you agree to them"};
inline constexpr Rule account_binding_required{
    .code = "acme.account.binding_required",
    .source = {8555, "7.3.4"},
    .hint = "this CA wants accounts bound to one that you have with it: give its key identifier and MAC key as `eab`"};
inline constexpr Rule malformed_binding_key{
    .code = "acme.account.binding_key",
    .source = {8555, "7.3.4"},
    .hint = "the CA shows the MAC key in base64url; copy it whole, without spaces"};
inline constexpr Rule unknown_profile{
    .code = "acme.order.profile", .source = {0, "draft-ietf-acme-profiles"}, .hint = "take one that the CA offers"};
inline constexpr Rule no_challenge_fits{
    .code = "acme.authorization.no_challenge",
    .source = {8555, "7.5.1"},
    .hint = "allow another kind of challenge; a name with `*.` is proved by DNS alone"};
inline constexpr Rule no_issuer_domain_name{
    .code = "acme.persist.no_issuer",
    .source = {0, "draft-ietf-acme-dns-persist"},
    .hint =
        "the CA's directory does not say its name (caaIdentities): its documentation may, if it has dns-persist-01"};
inline constexpr Rule persistent_account_unwritable{
    .code = "acme.persist.account",
    .source = {0, "draft-ietf-acme-dns-persist"},
    .hint = "a record cannot name an account with this URL: prove the name by another challenge"};
inline constexpr Rule not_offered{.code = "acme.directory.not_offered",
                                  .source = {8555, "7.1.1"},
                                  .hint = "this CA does not offer it: nothing can be done here"};

// ---- what the server sends ----
inline constexpr Rule json_malformed{
    .code = "acme.json.malformed",
    .source = {8259, "2"},
    .hint = "the server does not speak ACME here: check the URL of its directory, and proxies on the way"};
inline constexpr Rule json_too_large{
    .code = "acme.json.too_large", .source = {0, "A12"}, .hint = "an ACME server's document may have 64 KiB"};
inline constexpr Rule json_too_deep{
    .code = "acme.json.too_deep", .source = {0, "A12"}, .hint = "values may stand 16 deep in one another"};
inline constexpr Rule field_malformed{.code = "acme.json.field",
                                      .source = {8555, "7.1"},
                                      .hint = "the server contradicts RFC 8555; check the URL of its directory"};
inline constexpr Rule too_many_values{
    .code = "acme.json.too_many_values", .source = {0, "A12"}, .hint = "the server lists more than anybody needs"};
inline constexpr Rule url_not_https{
    .code = "acme.url.not_https", .source = {8555, "6.1"}, .hint = "ACME is spoken over https alone"};
inline constexpr Rule url_off_origin{
    .code = "acme.url.off_origin",
    .source = {0, "A12"},
    .hint = "all URLs of an ACME server lie on the host of its directory; what leads elsewhere is not followed"};
inline constexpr Rule nonce_missing{.code = "acme.nonce.missing",
                                    .source = {8555, "6.5"},
                                    .hint = "the server sent no good Replay-Nonce; a proxy may have removed the field"};
inline constexpr Rule nonce_refused{
    .code = "acme.nonce.refused",
    .source = {8555, "6.5"},
    .hint = "the server refused three nonces of its own one after the other; try again later"};
inline constexpr Rule status_unexpected{
    .code = "acme.http.status",
    .source = {8555, "6.1"},
    .hint = "the answer is not an ACME server's: check the URL of its directory, and proxies on the way"};
inline constexpr Rule location_missing{.code = "acme.http.location",
                                       .source = {8555, "7.4"},
                                       .hint = "the server made something and does not say where it is"};
inline constexpr Rule account_unusable{
    .code = "acme.account.unusable",
    .source = {8555, "7.1.2"},
    .hint = "the account was deactivated or revoked; remove its files to have a new one made"};
inline constexpr Rule order_for_others{.code = "acme.order.identifiers",
                                       .source = {8555, "7.4"},
                                       .hint = "the server's order is for other names than were asked for"};
inline constexpr Rule order_state{.code = "acme.order.state",
                                  .source = {8555, "7.1.6"},
                                  .hint = "the order is in a state that it cannot have here; try again"};
inline constexpr Rule validation_failed{
    .code = "acme.authorization.failed",
    .source = {8555, "7.5.1"},
    .hint =
        "the CA could not see that you hold the name: check its DNS records, and that port 80 (http-01) or 443 "
        "(tls-alpn-01) of this machine is reached from the Internet"};
inline constexpr Rule persistent_for_others{
    .code = "acme.persist.for_others",
    .source = {0, "A12"},
    .hint = "the CA wants a record that allows another account than ours: set none, and ask the CA"};
inline constexpr Rule taking_too_long{
    .code = "acme.order.slow", .source = {0, "A5"}, .hint = "the CA is slow today; the order is tried again later"};

// ---- the certificate ----
inline constexpr Rule chain_malformed{.code = "acme.certificate.malformed",
                                      .source = {8555, "9.1"},
                                      .hint = "the server's chain is no PEM of certificates; the old one is kept"};
inline constexpr Rule chain_broken{.code = "acme.certificate.chain",
                                   .source = {8555, "7.4.2"},
                                   .hint = "each certificate signs the one before; the old chain is kept"};
inline constexpr Rule certificate_for_another_key{
    .code = "acme.certificate.key",
    .source = {0, "A12"},
    .hint = "the server gave a certificate that does not fit the key which was asked for; the old one is kept"};
inline constexpr Rule certificate_for_other_names{
    .code = "acme.certificate.names",
    .source = {0, "A12"},
    .hint = "the server gave a certificate for other names than were asked for; the old one is kept"};
inline constexpr Rule certificate_not_valid_now{
    .code = "acme.certificate.time",
    .source = {0, "A12"},
    .hint = "a new certificate is valid from now on: check this machine's clock; the old one is kept"};
inline constexpr Rule no_certificate_identifier{
    .code = "acme.renewal_info.identifier",
    .source = {9773, "4.1"},
    .hint = "renewal information needs the certificate's authorityKeyIdentifier, which this one lacks"};
inline constexpr Rule renewal_window{.code = "acme.renewal_info.window",
                                     .source = {9773, "4.2"},
                                     .hint = "the window ends before it begins; renewal goes by the lifetime"};

// ---- problem documents (RFC 8555, section 6.7), by their types ----
inline constexpr Rule problem{
    .code = "acme.problem", .source = {8555, "6.7"}, .hint = "the CA says why; its documentation may say more"};
inline constexpr Rule rate_limited{.code = "acme.problem.rate_limited",
                                   .source = {8555, "6.6"},
                                   .hint = "the CA allows no more for now; it is asked again when it allows"};
inline constexpr Rule unauthorized{
    .code = "acme.problem.unauthorized",
    .source = {8555, "6.7"},
    .hint = "the CA got another answer than this server's: does the name lead to this machine, and no proxy between?"};
inline constexpr Rule connection{
    .code = "acme.problem.connection",
    .source = {8555, "6.7"},
    .hint = "the CA could not connect: port 80 (http-01) or 443 (tls-alpn-01) must be open from the Internet"};
inline constexpr Rule dns{
    .code = "acme.problem.dns",
    .source = {8555, "6.7"},
    .hint = "the CA found no good DNS record of the name: it needs A or AAAA records that lead to this machine"};
inline constexpr Rule caa{.code = "acme.problem.caa",
                          .source = {8659, "4"},
                          .hint = "the name's CAA records forbid this CA: add one that names it, or take another CA"};
inline constexpr Rule rejected_identifier{
    .code = "acme.problem.rejected_identifier",
    .source = {8555, "6.7"},
    .hint = "the CA issues no certificate for this name; public CAs do so for public names alone"};
inline constexpr Rule account_does_not_exist{.code = "acme.problem.account_does_not_exist",
                                             .source = {8555, "6.7"},
                                             .hint = "the CA does not know the account; it is registered anew"};
inline constexpr Rule server_internal{.code = "acme.problem.server_internal",
                                      .source = {8555, "6.7"},
                                      .hint = "the CA has trouble of its own; it is asked again later"};

inline constexpr std::array all{&malformed_identifier,
                                &identifier_count,
                                &unsupported_account_key,
                                &terms_not_agreed,
                                &account_binding_required,
                                &malformed_binding_key,
                                &unknown_profile,
                                &no_challenge_fits,
                                &no_issuer_domain_name,
                                &persistent_account_unwritable,
                                &not_offered,
                                &json_malformed,
                                &json_too_large,
                                &json_too_deep,
                                &field_malformed,
                                &too_many_values,
                                &url_not_https,
                                &url_off_origin,
                                &nonce_missing,
                                &nonce_refused,
                                &status_unexpected,
                                &location_missing,
                                &account_unusable,
                                &order_for_others,
                                &order_state,
                                &validation_failed,
                                &persistent_for_others,
                                &taking_too_long,
                                &chain_malformed,
                                &chain_broken,
                                &certificate_for_another_key,
                                &certificate_for_other_names,
                                &certificate_not_valid_now,
                                &no_certificate_identifier,
                                &renewal_window,
                                &problem,
                                &rate_limited,
                                &unauthorized,
                                &connection,
                                &dns,
                                &caa,
                                &rejected_identifier,
                                &account_does_not_exist,
                                &server_internal};

}  // namespace padlock::acme::rules
