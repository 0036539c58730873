#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How a client of our ACME server can break the rules, with the status that it gets (RFC 8555, section 6.7;
/// docs/threats.md, A18). `problem_type_of` has the types.
namespace padlock::acme::server_rules {

// ---- HTTP ----
inline constexpr Rule not_found{.code = "acme.server.not_found",
                                .source = {8555, "7.1"},
                                .status = 404,
                                .hint = "the directory says where everything is"};
inline constexpr Rule wrong_method{.code = "acme.server.method",
                                   .source = {8555, "6.3"},
                                   .status = 405,
                                   .hint =
                                       "all but the directory, nonces and renewal information is asked for by "
                                       "POST with a signature"};
inline constexpr Rule wrong_media_type{.code = "acme.server.media_type",
                                       .source = {8555, "6.2"},
                                       .status = 415,
                                       .hint = "a request's body is application/jose+json"};

// ---- the signature ----
inline constexpr Rule malformed_request{.code = "acme.server.jws",
                                        .source = {8555, "6.2"},
                                        .status = 400,
                                        .hint = "a request is a JWS in flattened JSON, all of its header protected"};
inline constexpr Rule key_or_account{.code = "acme.server.jws.key_or_account",
                                     .source = {8555, "6.2"},
                                     .status = 400,
                                     .hint =
                                         "newAccount and a certificate's own revocation carry `jwk`, all else "
                                         "`kid`, and nothing both"};
inline constexpr Rule bad_signature_algorithm{.code = "acme.server.jws.algorithm",
                                              .source = {8555, "6.2"},
                                              .status = 400,
                                              .hint = "sign with ES256, ES384, ES512, EdDSA or RS256, as the key is"};
inline constexpr Rule bad_public_key{
    .code = "acme.server.jwk",
    .source = {8555, "6.2"},
    .status = 400,
    .hint = "a key is ECDSA on P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more, its public half alone"};
inline constexpr Rule bad_signature{.code = "acme.server.jws.signature",
                                    .source = {8555, "6.2"},
                                    .status = 400,
                                    .hint = "the signature was made by another key or over other bytes"};
inline constexpr Rule wrong_url{.code = "acme.server.jws.url",
                                .source = {8555, "6.4"},
                                .status = 401,
                                .hint = "the protected header names the very URL that the request goes to"};
inline constexpr Rule bad_nonce{.code = "acme.server.jws.nonce",
                                .source = {8555, "6.5"},
                                .status = 400,
                                .hint = "try again with the nonce of this response"};
inline constexpr Rule malformed_payload{
    .code = "acme.server.payload", .source = {8555, "7"}, .status = 400, .hint = "see the section of RFC 8555"};

// ---- accounts ----
inline constexpr Rule account_does_not_exist{.code = "acme.server.account.unknown",
                                             .source = {8555, "7.3.1"},
                                             .status = 400,
                                             .hint = "register the key by newAccount"};
inline constexpr Rule account_deactivated{.code = "acme.server.account.deactivated",
                                          .source = {8555, "7.3.6"},
                                          .status = 401,
                                          .hint = "a deactivated account stays so; register another key"};
inline constexpr Rule unsupported_contact{.code = "acme.server.account.contact_scheme",
                                          .source = {8555, "7.3"},
                                          .status = 400,
                                          .hint = "contacts are mailto: URLs here"};
inline constexpr Rule invalid_contact{.code = "acme.server.account.contact",
                                      .source = {8555, "7.3"},
                                      .status = 400,
                                      .hint = "a contact is mailto: with one address and nothing else"};
inline constexpr Rule external_account_required{
    .code = "acme.server.account.external",
    .source = {8555, "7.3.4"},
    .status = 403,
    .hint = "this CA knows its clients: ask whoever runs it for a key identifier and a MAC key"};
inline constexpr Rule external_account_refused{.code = "acme.server.account.binding",
                                               .source = {8555, "7.3.4"},
                                               .status = 403,
                                               .hint =
                                                   "the binding is signed with HS256 by the MAC key that belongs "
                                                   "to its key identifier, over this account's key"};
inline constexpr Rule key_in_use{.code = "acme.server.account.key_in_use",
                                 .source = {8555, "7.3.5"},
                                 .status = 409,
                                 .hint = "another account has this key"};
inline constexpr Rule not_yours{
    .code = "acme.server.not_yours", .source = {8555, "7.1"}, .status = 403, .hint = "it belongs to another account"};

// ---- orders ----
inline constexpr Rule unsupported_identifier{.code = "acme.server.identifier.type",
                                             .source = {8555, "7.1.4"},
                                             .status = 400,
                                             .hint = "identifiers are of type `dns` or `ip`"};
inline constexpr Rule malformed_identifier{.code = "acme.server.identifier.malformed",
                                           .source = {8555, "7.1.4"},
                                           .status = 400,
                                           .hint = "a host name in ASCII, perhaps with `*.` in front, or an address"};
inline constexpr Rule rejected_identifier{
    .code = "acme.server.identifier.rejected",
    .source = {8555, "7.4"},
    .status = 403,
    .hint = "this CA is for private names and addresses; whoever runs it can allow more"};
inline constexpr Rule several_faults{.code = "acme.server.identifier.compound",
                                     .source = {8555, "6.7.1"},
                                     .status = 400,
                                     .hint = "the subproblems say what is wrong with each name"};
inline constexpr Rule invalid_profile{.code = "acme.server.profile",
                                      .source = {0, "draft-ietf-acme-profiles"},
                                      .status = 400,
                                      .hint = "the directory lists the profiles that there are"};
inline constexpr Rule not_replaceable{.code = "acme.server.replaces",
                                      .source = {9773, "5"},
                                      .status = 400,
                                      .hint =
                                          "an order replaces a certificate of the same account that has one of "
                                          "its names"};
inline constexpr Rule already_replaced{
    .code = "acme.server.replaced", .source = {9773, "7.4"}, .status = 409, .hint = "order without `replaces`"};
inline constexpr Rule rate_limited{
    .code = "acme.server.rate", .source = {8555, "6.6"}, .status = 429, .hint = "try again when Retry-After says"};
inline constexpr Rule order_not_ready{.code = "acme.server.order.not_ready",
                                      .source = {8555, "7.4"},
                                      .status = 403,
                                      .hint = "prove each name of the order first"};
inline constexpr Rule bad_csr{.code = "acme.server.csr",
                              .source = {8555, "7.4"},
                              .status = 400,
                              .hint =
                                  "the request is for exactly the names of the order and signed by its own key, "
                                  "which is no account's"};
inline constexpr Rule authorization_not_open{.code = "acme.server.authorization.not_open",
                                             .source = {8555, "7.5.1"},
                                             .status = 400,
                                             .hint = "the authorization has come to its end: begin a new order"};

// ---- what a validation saw ----
inline constexpr Rule incorrect_response{.code = "acme.server.validation.incorrect",
                                         .source = {8555, "8"},
                                         .status = 403,
                                         .hint = "something else answers under this name"};
inline constexpr Rule unauthorized_record{
    .code = "acme.server.validation.unauthorized",
    .source = {0, "draft-ietf-acme-dns-persist"},
    .status = 403,
    .hint = "the record of dns-persist-01 names this CA and the very account that asks"};
inline constexpr Rule malformed_record{
    .code = "acme.server.validation.record",
    .source = {8659, "4.2"},
    .status = 400,
    .hint = "the record is NAME; accounturi=URL, perhaps with ; policy=wildcard and ; persistUntil=SECONDS"};
inline constexpr Rule validation_connection{.code = "acme.server.validation.connection",
                                            .source = {8555, "8"},
                                            .status = 400,
                                            .hint = "the port must be open from the CA's machine"};
inline constexpr Rule validation_dns{.code = "acme.server.validation.dns",
                                     .source = {8555, "8"},
                                     .status = 400,
                                     .hint = "the CA's resolver must know the name"};
inline constexpr Rule validation_tls{.code = "acme.server.validation.tls",
                                     .source = {8737, "3"},
                                     .status = 400,
                                     .hint = "the server must speak acme-tls/1 there"};

// ---- certificates ----
inline constexpr Rule already_revoked{
    .code = "acme.server.revoked", .source = {8555, "7.6"}, .status = 400, .hint = "nothing is left to do"};
inline constexpr Rule bad_revocation_reason{
    .code = "acme.server.revocation_reason",
    .source = {8555, "7.6"},
    .status = 400,
    .hint = "0 unspecified, 1 keyCompromise, 3 affiliationChanged, 4 superseded, 5 cessationOfOperation"};
inline constexpr Rule server_internal{
    .code = "acme.server.internal", .source = {8555, "6.7"}, .status = 500, .hint = "the CA's log says more"};

inline constexpr std::array all{&not_found,
                                &wrong_method,
                                &wrong_media_type,
                                &malformed_request,
                                &key_or_account,
                                &bad_signature_algorithm,
                                &bad_public_key,
                                &bad_signature,
                                &wrong_url,
                                &bad_nonce,
                                &malformed_payload,
                                &account_does_not_exist,
                                &account_deactivated,
                                &unsupported_contact,
                                &invalid_contact,
                                &external_account_required,
                                &external_account_refused,
                                &key_in_use,
                                &not_yours,
                                &unsupported_identifier,
                                &malformed_identifier,
                                &rejected_identifier,
                                &several_faults,
                                &invalid_profile,
                                &not_replaceable,
                                &already_replaced,
                                &rate_limited,
                                &order_not_ready,
                                &bad_csr,
                                &authorization_not_open,
                                &incorrect_response,
                                &unauthorized_record,
                                &malformed_record,
                                &validation_connection,
                                &validation_dns,
                                &validation_tls,
                                &already_revoked,
                                &bad_revocation_reason,
                                &server_internal};

}  // namespace padlock::acme::server_rules
