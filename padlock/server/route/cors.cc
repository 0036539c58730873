#include "padlock/server/route/cors.h"
#include "padlock/base/lists.h"

#include <algorithm>
#include <array>

namespace padlock::server {
namespace {

bool allows_all(const CorsConfig& cors) { return std::ranges::find(cors.origins, "*") != cors.origins.end(); }

}  // namespace

bool is_preflight(const http::Request& request) {
  return request.method == "OPTIONS" && request.fields.find("Origin") &&
         request.fields.find("Access-Control-Request-Method");
}

bool allows(const CorsConfig& cors, std::string_view origin) {
  return allows_all(cors) || std::ranges::find(cors.origins, origin) != cors.origins.end();
}

void add_cors_fields(const CorsConfig& cors, const http::Request& request, http::Fields& fields) {
  constexpr std::array<std::string_view, 5> said{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
                                                 "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
                                                 "Access-Control-Max-Age"};
  for (const std::string_view name : said) fields.remove(name);
  if (allows_all(cors)) return fields.add("Access-Control-Allow-Origin", "*");
  fields.add("Vary", "Origin");  // whoever keeps the answer must not give it to another origin's page
  const auto origin = request.fields.find("Origin");
  if (!origin || !allows(cors, *origin)) return;
  fields.add("Access-Control-Allow-Origin", *origin);
  if (cors.credentials) fields.add("Access-Control-Allow-Credentials", "true");
}

void add_preflight_fields(const CorsConfig& cors, http::Fields& fields) {
  fields.add("Access-Control-Allow-Methods", list_of(cors.methods));
  if (!cors.headers.empty()) fields.add("Access-Control-Allow-Headers", list_of(cors.headers));
  fields.add("Access-Control-Max-Age", std::to_string(cors.max_age.count()));
}

}  // namespace padlock::server
