// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/image_text.h"
#include "cli/report.h"

namespace tdxctl::cli {
namespace {

using image::Rejected;

/// What stands between the host and a candidate that might be chosen one day; nothing where it never fits.
std::optional<ErrorId> obstacle(const Rejected& rejected) {
  if (first_with(Verdict::bad, rejected.reasons) == nullptr) return ErrorId::image_fit_unknown;
  const bool after_reboot = std::ranges::all_of(
      rejected.reasons, [](const Check& reason) { return reason.id() == ErrorId::no_updates_left; });
  return after_reboot ? std::optional(ErrorId::no_updates_left) : std::nullopt;
}

bool has_release(const ImageFolder& folder, const Version& release) {
  return std::ranges::any_of(folder.images,
                             [&](const ListedImage& image) { return image.candidate.version == release; });
}

/// What shows the first fact of the host that is missing; empty where the catalog lacks something.
std::string missing_fact_hint(const UpdateChoice& choice) {
  for (const Rejected& rejected : choice.selection.rejected) {
    if (obstacle(rejected) != ErrorId::image_fit_unknown) continue;
    const Check& open = *first_with(Verdict::unknown, rejected.reasons);
    return open.hint.empty() ? hint_to_see(choice.view.host, open.id()) : open.hint;
  }
  return {};
}

/// Why nothing was chosen; nothing where there is nothing to do.
std::optional<Error> why_none(const UpdateChoice& choice) {
  const image::Selection& selection = choice.selection;
  if (selection.chosen || selection.up_to_date) return std::nullopt;
  const bool pinned = choice.policy.kind == image::Policy::Kind::pinned;
  if (pinned && !has_release(choice.view.folder, choice.policy.pinned)) {
    return Error{ErrorId::no_image_fits, "the catalog has no image of " + to_string(choice.policy.pinned),
                 "'tdxctl update list' shows the images that are there"};
  }
  std::optional<ErrorId> found;
  for (const Rejected& rejected : selection.rejected) {
    const auto id = obstacle(rejected);
    if (id && found != ErrorId::no_updates_left) found = id;
  }
  if (found == ErrorId::no_updates_left) {
    return Error{*found, "an image would fit, and the P-SEAMLDR takes no other update before a reboot"};
  }
  if (found) {
    return Error{*found, "it is not known whether any image fits: facts are missing",
                 missing_fact_hint(choice)};
  }
  return Error{ErrorId::no_image_fits, "no image of the catalog fits"};
}

int run_select(Context& context, const CatalogOptions& options, const std::string& policy_name,
               bool explain) {
  const auto policy = image::parse_policy(policy_name);
  if (!policy) return report(context, policy.error());
  auto view = view_catalog(context, options);
  if (!view) return report(context, view.error());
  if (view->folder.absent) return report(context, *view->folder.absent);
  if (view->folder.error) return report(context, *view->folder.error);
  UpdateChoice choice = choose_image(std::move(*view), *policy);
  choice.explain = explain;
  return report_result(context, choice,
                       {.driver = driver_of(choice.view.host),
                        .warnings = warnings_of(choice.view.folder, choice.view.other_key),
                        .error = why_none(choice)});
}

std::string explanation(const UpdateChoice& choice, const Style& style) {
  const ImageFolder& folder = choice.view.folder;
  Columns rows(style, 2);
  for (const Rejected& rejected : choice.selection.rejected) {
    const ListedImage& image = folder.images[rejected.index];
    const auto& version = image.candidate.version;
    std::string name(path_in(folder, image));
    std::string release = version ? to_string(*version) : "unknown";
    for (const Check& reason : rejected.reasons) {
      rows.row({{std::exchange(release, {})}, {printable(std::exchange(name, {}))}, {reason_text(reason)}});
    }
  }
  std::string text = host_line(choice.view.host) + choice.selection.why + "\n";
  if (!choice.selection.rejected.empty()) text += style.paint(Colour::bold, "rejected") + "\n" + rows.str();
  return text + unseen_rows(choice.view.host, style);
}

}  // namespace

UpdateChoice choose_image(CatalogView view, const image::Policy& policy) {
  UpdateChoice choice{std::move(view), policy, {}};
  std::vector<image::Candidate> candidates;
  for (const ListedImage& image : choice.view.folder.images) candidates.push_back(image.candidate);
  choice.selection = select(candidates, facts_of(choice.view.host), policy, choice.view.fit);
  return choice;
}

std::string to_text(const UpdateChoice& choice, const Style& style) {
  const auto& chosen = choice.selection.chosen;
  std::string text = chosen ? printable(choice.view.folder.images[*chosen].path) + "\n" : std::string();
  if (choice.explain) return text + explanation(choice, style);
  // The path alone, for scripts.
  return chosen || !choice.selection.up_to_date ? text : "nothing to do: " + choice.selection.why + "\n";
}

Json to_json(const UpdateChoice& choice) {
  const auto& images = choice.view.folder.images;
  Json rejected = Json::array();
  for (const Rejected& each : choice.selection.rejected) {
    Json row = to_json(images[each.index]);
    row["reasons"] = to_json(each.reasons);
    rejected.push_back(std::move(row));
  }
  const auto& chosen = choice.selection.chosen;
  return {
      {"host", to_json(choice.view.host)},
      {"catalog", catalog_json(choice.view.folder)},
      {"policy", to_string(choice.policy)},
      {"chosen", chosen ? to_json(images[*chosen]) : Json(nullptr)},
      {"up_to_date", choice.selection.up_to_date},
      {"why", choice.selection.why},
      {"rejected", std::move(rejected)},
  };
}

void add_update_select(CLI::App& update, Context& context) {
  CLI::App* select = update.add_subcommand("select", "choose the image to update to");
  struct Typed {
    CatalogOptions catalog;
    std::string policy = "newest";
    bool explain = false;
  };
  const auto options = std::make_shared<Typed>();
  add_catalog_options(*select, options->catalog);
  select->add_option("--policy", options->policy, "newest, smallest-step or pinned=VERSION")
      ->type_name("POLICY");
  select->add_flag("--explain", options->explain, "also show why the others were rejected");
  on_run(*select, context, "update-select", [&context, options] {
    return run_select(context, options->catalog, options->policy, options->explain);
  });
}

}  // namespace tdxctl::cli
