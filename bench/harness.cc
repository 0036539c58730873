#include "bench/harness.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "bench/allocations.h"

namespace padlock::bench {
namespace {

constexpr double round_ns = 8e6;  // of CPU time a contender and round; short, so that a change of clock hits all alike

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Steps that do an operation `operations` times.
struct Batch {
  std::size_t operations;
  std::vector<Step> steps;
};

/// What the measured steps of one batch cost.
struct Cost {
  double ns = 0;
  Allocations allocations;
};

Cost run(const Batch& batch) {
  Cost cost;
  for (const Step& step : batch.steps) {
    const Allocations allocated = allocations();
    const double before = cpu_ns();
    step.run();
    if (!step.measured) continue;
    cost.ns += cpu_ns() - before;
    const Allocations after = allocations();
    cost.allocations.own += after.own - allocated.own;
    cost.allocations.library += after.library - allocated.library;
  }
  return cost;
}

double round_of(const Batch& batch, double budget_ns) {
  double spent = 0;
  std::size_t operations = 0;
  do {
    spent += run(batch).ns;
    operations += batch.operations;
  } while (spent < budget_ns);
  return spent / static_cast<double>(operations);
}

std::vector<Step> steps_of(std::function<void()> run, std::function<void()> prepare) {
  std::vector<Step> steps;
  if (prepare) steps.push_back({std::move(prepare), false});
  steps.push_back({std::move(run), true});
  return steps;
}

AllocationsPerOperation allocations_of(const Batch& batch) {
  const Allocations made = run(batch).allocations;
  const auto operations = static_cast<double>(batch.operations);
  return {static_cast<double>(made.own) / operations, static_cast<double>(made.library) / operations};
}

struct Figures {
  double best = 0;
  double median = 0;
  std::optional<AllocationsPerOperation> allocations;
};

Figures figures_of(const Contender& contender, std::vector<double> rounds) {
  std::ranges::sort(rounds);
  Figures figures{rounds.front(), rounds.at(rounds.size() / 2), {}};
  if (contender.allocations) figures.allocations = contender.allocations();
  return figures;
}

std::vector<Figures> measure(const std::vector<Contender>& contenders, std::size_t rounds) {
  std::vector<std::vector<double>> times(contenders.size());
  for (const Contender& contender : contenders) contender.round(0);  // warm
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < contenders.size(); ++i) times[i].push_back(contenders[i].round(round_ns));
  std::vector<Figures> figures;
  for (std::size_t i = 0; i < contenders.size(); ++i) figures.push_back(figures_of(contenders[i], times[i]));
  return figures;
}

/// What a row says about a bound; empty where there is none.
std::string verdict(double ratio, double most, bool& all_kept) {
  const bool kept = ratio <= most;
  all_kept = all_kept && kept;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s %.2f", kept ? "<=" : "OVER", most);
  return text.data();
}

std::string shown(const std::optional<AllocationsPerOperation>& allocations, double AllocationsPerOperation::* whose) {
  if (!allocations) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", *allocations.*whose);
  return text.data();
}

void print_row(std::string_view name, const Contender& contender, const Figures& row, const std::string& ratio,
               const std::string& judged) {
  std::printf("%-38s %-10s %12.1f %12.1f %7s %-10s %8s %8s\n", std::string(name).c_str(), contender.peer.c_str(),
              row.best, row.median, ratio.c_str(), judged.c_str(),
              shown(row.allocations, &AllocationsPerOperation::own).c_str(),
              shown(row.allocations, &AllocationsPerOperation::library).c_str());
}

void write_json(std::ostream& out, const Case& one, const Contender& contender, const Figures& row) {
  out << R"({"case":")" << one.name << R"(","peer":")" << contender.peer << R"(","cpu_ns":)" << row.best
      << R"(,"cpu_ns_median":)" << row.median;
  if (row.allocations)
    out << R"(,"allocations":)" << row.allocations->own << R"(,"allocations_library":)" << row.allocations->library;
  out << "}\n";
}

/// Each peer's row has the ratio of our best to its best.
bool run_case(const Case& one, const Options& options, std::ostream* json) {
  auto contenders = one.contenders();
  std::erase_if(contenders, [&](const Contender& each) { return !options.peer.empty() && each.peer != options.peer; });
  const auto figures = measure(contenders, options.rounds);
  bool all_kept = true;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    std::string ratio;
    std::string judged;
    if (i == 0 && one.most_allocations && figures[0].allocations) {
      judged = verdict(figures[0].allocations->own, *one.most_allocations, all_kept) + " allocs";
    } else if (i == 0 && one.most_ns) {
      judged = verdict(figures[0].best / 1e6, *one.most_ns / 1e6, all_kept) + " ms";
    } else if (i > 0) {
      const double value = figures.front().best / figures[i].best;
      ratio = std::to_string(value).substr(0, 5);
      const auto bound = std::ranges::find(one.bounds, contenders[i].peer, &Bound::peer);
      if (bound != one.bounds.end()) judged = verdict(value, bound->most, all_kept);
    }
    print_row(one.name, contenders[i], figures[i], ratio, judged);
    if (json != nullptr) write_json(*json, one, contenders[i], figures[i]);
  }
  std::fflush(stdout);
  return all_kept;
}

bool run_memory_case(const MemoryCase& one, std::ostream* json) {
  bool all_kept = true;
  bool ours = true;
  for (const auto& [peer, bytes_of] : one.holders()) {
    const double bytes = bytes_of();
    const std::string judged = ours && one.most_bytes ? verdict(bytes, *one.most_bytes, all_kept) : "";
    std::printf("%-38s %-10s %12.0f bytes %s\n", one.name.c_str(), peer.c_str(), bytes, judged.c_str());
    if (json != nullptr)
      *json << R"({"case":")" << one.name << R"(","peer":")" << peer << R"(","bytes":)" << bytes << "}\n";
    ours = false;
  }
  return all_kept;
}

std::optional<Options> parse(std::span<const std::string> arguments) {
  Options options;
  while (!arguments.empty()) {
    const std::string& name = arguments.front();
    if (name == "--check") {
      options.check = true;
      arguments = arguments.subspan(1);
      continue;
    }
    if (arguments.size() < 2) return std::nullopt;
    const std::string& value = arguments[1];
    if (name == "--json") {
      options.json_file = value;
    } else if (name == "--only") {
      options.only = value;
    } else if (name == "--peer") {
      options.peer = value;
    } else if (name == "--rounds") {
      options.rounds = std::strtoul(value.c_str(), nullptr, 10);
      if (options.rounds == 0) return std::nullopt;
    } else {
      return std::nullopt;
    }
    arguments = arguments.subspan(2);
  }
  return options;
}

}  // namespace

Contender::Contender(std::string peer_name, std::size_t operations, std::vector<Step> steps)
    : peer(std::move(peer_name)) {
  const auto batch = std::make_shared<const Batch>(Batch{operations, std::move(steps)});
  round = [batch](double budget_ns) { return round_of(*batch, budget_ns); };
  allocations = [batch] { return allocations_of(*batch); };
}

Contender::Contender(std::string peer_name, std::size_t operations, std::function<void()> run,
                     std::function<void()> prepare)
    : Contender(std::move(peer_name), operations, steps_of(std::move(run), std::move(prepare))) {}

int run_bench(std::span<const std::string> arguments, std::span<const Case> cases,
              std::span<const MemoryCase> memory_cases) {
  const auto options = parse(arguments.subspan(1));
  if (!options) {
    std::cerr << "usage: " << arguments.front()
              << " [--json FILE] [--only PART_OF_A_CASE] [--peer NAME] [--rounds N] [--check]\n";
    return 2;
  }
  std::ofstream json_file;
  if (!options->json_file.empty()) {
    json_file.open(options->json_file);
    if (!json_file) {
      std::cerr << "bench: cannot write " << options->json_file << '\n';
      return 2;
    }
  }
  std::ostream* const json = json_file.is_open() ? &json_file : nullptr;
  const auto wanted = [&](const std::string& name) { return name.find(options->only) != std::string::npos; };
  std::printf("%-38s %-10s %12s %12s %7s %-10s %8s %8s\n", "case (CPU ns an operation)", "peer", "best", "median",
              "ratio", "bound", "allocs", "library");
  bool all_kept = true;
  for (const Case& one : cases)
    if (wanted(one.name)) all_kept = run_case(one, *options, json) && all_kept;
  for (const MemoryCase& one : memory_cases)
    if (wanted(one.name)) all_kept = run_memory_case(one, json) && all_kept;
  std::printf("%s\n", all_kept ? "every bound is kept" : "a bound is missed: see OVER");
  return options->check && !all_kept ? 1 : 0;
}

}  // namespace padlock::bench
