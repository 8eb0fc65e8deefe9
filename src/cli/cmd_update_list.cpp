// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/image_text.h"
#include "cli/report.h"

namespace tdxctl::cli {
namespace {

Cell verdict_cell(const ListedImage& image, const image::Assessment& assessment, bool running) {
  if (running) return {"running", Colour::bold};
  if (image.error) return {"no good", Colour::bad};
  switch (assessment.verdict()) {
    case image::Fit::fits:
      return {"fits", Colour::good};
    case image::Fit::unfit:
      return {"does not fit", Colour::bad};
    case image::Fit::unknown:
      break;
  }
  return {"may fit", Colour::warn};
}

/// One line for each reason; what is wrong with the image itself hides what it does not fit.
std::vector<std::string> why(const ListedImage& image, const image::Assessment& assessment, bool running) {
  if (running) return {};
  if (image.error) return {printable(image.error->what)};
  std::vector<std::string> lines;
  for (const Check& reason : reasons_against(assessment.checks)) lines.push_back(reason_text(reason));
  return lines;
}

int run_list(Context& context, const CatalogOptions& options) {
  auto view = view_catalog(context, options);
  if (!view) return report(context, view.error());
  const UpdateList list = judge_images(std::move(*view));
  const ImageFolder& folder = list.view.folder;
  return report_result(context, list,
                       {.driver = driver_of(list.view.host),
                        .warnings = warnings_of(folder, list.view.other_key),
                        .error = folder.error});
}

}  // namespace

UpdateList judge_images(CatalogView view) {
  UpdateList list{std::move(view), {}};
  const image::HostFacts host = facts_of(list.view.host);
  for (const ListedImage& image : list.view.folder.images) {
    list.assessments.push_back(assess(image.candidate, host, list.view.fit));
  }
  return list;
}

std::string to_text(const UpdateList& list, const Style& style) {
  const ImageFolder& folder = list.view.folder;
  const image::HostFacts host = facts_of(list.view.host);
  Columns rows(style);
  bool any_by_name = false;
  for (std::size_t i = 0; i < folder.images.size(); ++i) {
    const ListedImage& image = folder.images[i];
    const auto& version = image.candidate.version;
    const bool running = is_running(image.candidate, host);
    const bool by_name = image.candidate.version_by_name;
    any_by_name |= by_name;
    std::vector<std::string> reasons = why(image, list.assessments[i], running);
    rows.row({{version ? to_string(*version) + (by_name ? "*" : "") : "unknown"},
              verdict_cell(image, list.assessments[i], running),
              {printable(path_in(folder, image))},
              {reasons.empty() ? "" : reasons.front()}});
    for (std::size_t more = 1; more < reasons.size(); ++more) rows.row({{}, {}, {}, {reasons[more]}});
  }
  return host_line(list.view.host) + rows.str() +
         (any_by_name ? "* nothing but the name of the file tells this release\n" : "") +
         unseen_rows(list.view.host, style);
}

Json to_json(const UpdateList& list) {
  const image::HostFacts host = facts_of(list.view.host);
  Json images = Json::array();
  for (std::size_t i = 0; i < list.view.folder.images.size(); ++i) {
    const ListedImage& image = list.view.folder.images[i];
    Json row = to_json(image);
    row["running"] = is_running(image.candidate, host);
    row["fit"] = to_string(list.assessments[i].verdict());
    row["checks"] = to_json(list.assessments[i].checks);
    images.push_back(std::move(row));
  }
  return {{"host", to_json(list.view.host)},
          {"catalog", catalog_json(list.view.folder)},
          {"images", std::move(images)}};
}

void add_update_list(CLI::App& update, Context& context) {
  CLI::App* list = update.add_subcommand("list", "show which images fit this host");
  const auto options = std::make_shared<CatalogOptions>();
  add_catalog_options(*list, *options);
  on_run(*list, context, "update-list", [&context, options] { return run_list(context, *options); });
}

}  // namespace tdxctl::cli
