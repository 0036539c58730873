#include "padlock/x509/policy_graph.h"

#include <algorithm>
#include <string>
#include <vector>

#include "padlock/x509/limits.h"
#include "padlock/x509/rules.h"

namespace padlock::x509 {

namespace {

using Oids = std::vector<der::Oid>;

const der::Oid& any_policy = der::oid::anyPolicy;

bool contains(const Oids& list, const der::Oid& policy) { return std::ranges::find(list, policy) != list.end(); }

/// A policy at one depth (RFC 9618, section 3): one node a policy, with an edge to each node above that leads to it.
struct Node {
  der::Oid valid_policy;
  Oids expected_policy_set;
  std::vector<std::size_t> parents;  ///< indexes into the depth before
};
using Depth = std::vector<Node>;

/// The valid_policy_graph. A node lives from the depth where it is made to the last one; what has no child by then
/// leads nowhere and is passed over when the outcome is read (`reaches_end`), so nothing is pruned on the way.
class PolicyGraph {
 public:
  explicit PolicyGraph(Budget& budget) : budget_(budget) { depths_.push_back({{any_policy, {any_policy}, {}}}); }

  bool empty() const { return depths_.back().empty(); }
  void clear() { depths_.push_back({}); }

  /// RFC 5280, section 6.1.3 (d), as RFC 9618, section 5.2, has it. `any_counts`: anyPolicy in the certificate stands
  /// for what is expected.
  void add_certificate(const Oids& policies, bool any_counts) {
    Depth next;
    for (const der::Oid& policy : policies) {
      if (policy == any_policy) continue;
      auto parents = parents_of(policy);
      if (parents.empty()) parents = nodes_of(any_policy);
      add(next, policy, std::move(parents));
    }
    if (any_counts && contains(policies, any_policy)) add_expected(next);
    depths_.push_back(std::move(next));
  }

  /// RFC 5280, section 6.1.4 (b), as RFC 9618, section 5.3, has it.
  void map(const std::vector<PolicyMapping>& mappings, bool allowed) {
    Oids begun;
    for (const PolicyMapping& mapping : mappings) {
      const der::Oid& policy = mapping.issuer_domain_policy;
      if (!allowed) {
        std::erase_if(depths_.back(), [&policy](const Node& node) { return node.valid_policy == policy; });
        continue;
      }
      const bool first = !contains(begun, policy);
      if (first) begun.push_back(policy);
      if (Node* const node = node_to_map(policy)) expect(*node, mapping.subject_domain_policy, first);
    }
  }

  /// The authority-constrained-policy-set (RFC 9618, section 5.5): policies of nodes below anyPolicy that live to the
  /// end, and anyPolicy itself if it does.
  Oids authority_constrained_policies() const {
    Oids found;
    std::vector<bool> alive(depths_.back().size(), true);
    if (!nodes_of(any_policy).empty()) found.push_back(any_policy);
    for (std::size_t depth = depths_.size(); depth-- > 1;) {
      std::vector<bool> above(depths_[depth - 1].size(), false);
      for (std::size_t i = 0; i < depths_[depth].size(); ++i) {
        if (!alive[i]) continue;
        const Node& node = depths_[depth][i];
        for (const std::size_t parent : node.parents) above[parent] = true;
        const bool below_any = std::ranges::any_of(
            node.parents, [&](std::size_t parent) { return depths_[depth - 1][parent].valid_policy == any_policy; });
        if (below_any && node.valid_policy != any_policy) found.push_back(node.valid_policy);
      }
      alive = std::move(above);
    }
    return found;
  }

 private:
  /// Nodes of the last depth that expect this policy.
  std::vector<std::size_t> parents_of(const der::Oid& policy) const {
    return where([&policy](const Node& node) { return contains(node.expected_policy_set, policy); });
  }
  /// The node of the last depth that is of this policy: one or none.
  std::vector<std::size_t> nodes_of(const der::Oid& policy) const {
    return where([&policy](const Node& node) { return node.valid_policy == policy; });
  }
  template <typename Condition>
  std::vector<std::size_t> where(Condition condition) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < depths_.back().size(); ++i) {
      if (condition(depths_.back()[i])) found.push_back(i);
    }
    return found;
  }

  bool take(std::size_t nodes_and_edges) {
    while (nodes_and_edges > 0 && budget_.take_policy_node()) --nodes_and_edges;
    return nodes_and_edges == 0;
  }

  void add(Depth& next, const der::Oid& policy, std::vector<std::size_t> parents) {
    if (parents.empty() || !take(1 + parents.size())) return;
    next.push_back({policy, {policy}, std::move(parents)});
  }

  /// A node for everything that the last depth expects and the next has not got yet.
  void add_expected(Depth& next) {
    for (const Node& node : depths_.back()) {
      for (const der::Oid& policy : node.expected_policy_set) {
        if (std::ranges::find(next, policy, &Node::valid_policy) == next.end()) add(next, policy, parents_of(policy));
        if (budget_.exceeded()) return;
      }
    }
  }

  /// The last depth's node of this policy; where only anyPolicy stands there, the policy gets one of its own beside it.
  /// Null: no path has this policy.
  Node* node_to_map(const der::Oid& policy) {
    Depth& last = depths_.back();
    const auto known = std::ranges::find(last, policy, &Node::valid_policy);
    if (known != last.end()) return &*known;
    const auto any = std::ranges::find(last, any_policy, &Node::valid_policy);
    if (any == last.end() || !take(1 + any->parents.size())) return nullptr;
    return &last.emplace_back(Node{policy, {}, std::vector(any->parents)});
  }

  void expect(Node& node, const der::Oid& mapped, bool first) {
    if (first) node.expected_policy_set.clear();
    if (contains(node.expected_policy_set, mapped) || !take(1)) return;
    node.expected_policy_set.push_back(mapped);
  }

  std::vector<Depth> depths_;
  Budget& budget_;
};

/// The state variables that count down along the path (RFC 5280, section 6.1.2 (d) to (f)).
struct Countdown {
  std::size_t explicit_policy;
  std::size_t inhibit_any_policy;
  std::size_t policy_mapping;

  void next_certificate() {
    for (std::size_t* const left : {&explicit_policy, &inhibit_any_policy, &policy_mapping}) {
      if (*left > 0) --*left;
    }
  }
  void lower(const Policies& policies) {
    explicit_policy = std::min<std::size_t>(explicit_policy, policies.require_explicit_policy.value_or(UINT32_MAX));
    policy_mapping = std::min<std::size_t>(policy_mapping, policies.inhibit_policy_mapping.value_or(UINT32_MAX));
    inhibit_any_policy = std::min<std::size_t>(inhibit_any_policy, policies.inhibit_any_policy.value_or(UINT32_MAX));
  }
};

/// RFC 5280, section 6.1.4 (a).
bool maps_any(const Certificate& certificate) {
  return std::ranges::any_of(certificate.policies.mappings, [](const PolicyMapping& one) {
    return one.issuer_domain_policy == any_policy || one.subject_domain_policy == any_policy;
  });
}

bool acceptable(const Oids& valid, const Oids& wanted) {
  if (wanted.empty() || contains(wanted, any_policy) || contains(valid, any_policy)) return !valid.empty();
  return std::ranges::any_of(valid, [&wanted](const der::Oid& one) { return contains(wanted, one); });
}

/// Goes along one path from the certificate below the anchor down to the leaf.
class PolicyWalk {
 public:
  PolicyWalk(std::span<const std::shared_ptr<const Certificate>> path, const PolicyDemand& demand, Budget& budget)
      : path_(path), demand_(demand), budget_(budget), graph_(budget) {
    const std::size_t never = path.size();  // one more than certificates below the anchor
    left_ = {demand.explicit_policy ? 0 : never, demand.inhibit_any_policy ? 0 : never,
             demand.inhibit_policy_mapping ? 0 : never};
  }

  std::optional<Fault> walk() {
    for (std::size_t depth = path_.size() - 1; depth-- > 0;) {
      const Certificate& certificate = *path_[depth];
      process(certificate, depth == 0);
      if (budget_.exceeded()) return fault(rules::policy_budget_exceeded, over_budget_text(), depth);
      if (left_.explicit_policy == 0 && graph_.empty()) return none_valid(depth);
      if (depth > 0) prepare_for_next(certificate);
    }
    return wrap_up();
  }

 private:
  void process(const Certificate& certificate, bool leaf) {
    if (graph_.empty()) return;
    if (!certificate.policies.certificate_policies) return graph_.clear();
    const bool any_counts = left_.inhibit_any_policy > 0 || (!leaf && certificate.self_issued());
    graph_.add_certificate(*certificate.policies.certificate_policies, any_counts);
  }

  void prepare_for_next(const Certificate& certificate) {
    graph_.map(certificate.policies.mappings, left_.policy_mapping > 0);
    if (!certificate.self_issued()) left_.next_certificate();
    left_.lower(certificate.policies);
  }

  /// RFC 5280, section 6.1.5 (a), (b) and (g).
  std::optional<Fault> wrap_up() {
    if (left_.explicit_policy > 0) --left_.explicit_policy;
    if (path_.front()->policies.require_explicit_policy == 0U) left_.explicit_policy = 0;
    if (left_.explicit_policy > 0) return std::nullopt;
    const bool good = !graph_.empty() && acceptable(graph_.authority_constrained_policies(), demand_.acceptable);
    return good ? std::nullopt : std::optional(none_valid(0));
  }

  Fault fault(const Rule& rule, std::string what, std::size_t depth) const {
    return {Error{&rule, std::move(what)}, path_[depth], depth};
  }
  Fault none_valid(std::size_t depth) const {
    return fault(rules::no_valid_policy, "a certificate policy is demanded and none holds along the path", depth);
  }
  static std::string over_budget_text() {
    return "the policies of the path need more than " + std::to_string(max_policy_nodes) + " nodes and edges";
  }

  std::span<const std::shared_ptr<const Certificate>> path_;
  const PolicyDemand& demand_;
  Countdown left_{};
  Budget& budget_;
  PolicyGraph graph_;
};

}  // namespace

std::optional<Fault> check_policies(std::span<const std::shared_ptr<const Certificate>> path,
                                    const PolicyDemand& demand, Budget& budget) {
  if (path.size() < 2) return std::nullopt;
  const auto below_anchor = path.first(path.size() - 1);
  for (std::size_t depth = 1; depth < below_anchor.size(); ++depth) {
    if (!maps_any(*path[depth])) continue;
    return Fault{{&rules::policy_mapping_of_any, "it maps anyPolicy"}, path[depth], depth};
  }
  const bool demanded = demand.explicit_policy || std::ranges::any_of(below_anchor, [](const auto& certificate) {
                          return certificate->policies.require_explicit_policy.has_value();
                        });
  return demanded ? PolicyWalk(path, demand, budget).walk() : std::nullopt;
}

}  // namespace padlock::x509
