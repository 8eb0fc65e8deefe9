// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/cmd_update.h"
#include "cli/commands.h"
#include "cli/image_text.h"
#include "cli/report.h"

namespace tdxctl::cli {
namespace {

std::string headline(const PlannedUpdate& planned, const Style& style) {
  const auto& version = planned.image.candidate.version;
  const std::string name =
      release_of(planned.image.candidate).value_or("'" + printable(planned.image.path) + "'");
  if (planned.plan.up_to_date) {
    return (version ? to_string(*version) : name) + " is running" +
           (planned.host.mrseam ? "" : ", by its version alone") + ": there is nothing to do\n";
  }
  if (planned.plan.refusal()) return style.paint(Colour::bad, "REFUSED") + ": the update to " + name + "\n";
  return style.paint(Colour::good, "ready") + ": the update to " + name + ", by the driver " +
         std::string(planned.plan.driver) + "\n";
}

int run_plan(Context& context, const PlanArguments& arguments, bool all_rules) {
  auto planned = plan_image(context, arguments);
  if (!planned) return report(context, planned.error());
  planned->all_rules = all_rules;
  return report_result(context, *planned,
                       {.driver = planned->plan.driver,
                        .warnings = warnings_of(planned->folder, planned->other_key),
                        .error = planned->refusal()});
}

}  // namespace

void add_plan_options(CLI::App& verb, PlanArguments& arguments) {
  verb.add_option("IMAGE", arguments.image, "image file; the staged one where none is named")->type_name("");
  add_catalog_options(verb, arguments.catalog);
  verb.add_flag("--require-no-tds", arguments.require_no_tds, "refuse while a TD exists");
}

Result<ExaminedImage> named_or_staged(Context& context, const std::string& path,
                                      const image::VerifyOptions& options) {
  if (!path.empty()) return examine(context.files(), path, options, {});
  const auto staged = read_staged(context.store());
  if (!staged) return fail(staged.error());
  if (!*staged) return fail(ErrorId::nothing_staged, "no image is named, and none is staged");
  auto bytes = read_staged_image(context.store(), **staged);
  if (!bytes) return fail(bytes.error());
  ImageFile file;
  file.container = std::move(*bytes);
  return judge((*staged)->source, std::move(file), options, {});
}

Result<ImageFolder> catalog_of_image(Context& context, const std::string& catalog, const std::string& image,
                                     const image::VerifyOptions& options) {
  if (!catalog.empty()) return read_image_folder(context.files(), catalog, options);
  if (!image.empty()) {
    const auto folder = folder_with_list(context.files(), image);
    if (folder) return read_image_folder(context.files(), *folder, options);
  }
  auto folder = read_image_folder(context.files(), default_catalog(context.options), options);
  if (folder) return folder;
  return absent_catalog(context.options, folder.error());
}

Result<PlannedUpdate> plan_image(Context& context, const PlanArguments& arguments) {
  const auto key = read_key(context.files(), arguments.catalog.key_file);
  if (!key) return fail(key.error());
  const image::VerifyOptions options{.key_hash = *key};
  auto subject = named_or_staged(context, arguments.image, options);
  if (!subject) return fail(subject.error());
  if (!subject->report) return fail(*subject->error);
  auto folder = catalog_of_image(context, arguments.catalog.catalog, arguments.image, options);
  if (!folder) return fail(folder.error());
  if (folder->error) return fail(*folder->error);
  const auto drivers = context.drivers();
  if (!drivers) return fail(drivers.error());

  PlannedUpdate planned{read_update_host(**drivers),
                        std::move(*folder),
                        {},
                        std::move(*subject),
                        {},
                        warning_of_key(*key, arguments.catalog.key_file)};
  complete_from_folder(planned.host, planned.folder);
  planned.image = list_image(planned.subject, planned.folder.catalog);
  planned.plan =
      plan_update(planned.image.candidate, planned.host, (*drivers)->updater(),
                  {.fit = {.strict = arguments.catalog.strict}, .require_no_tds = arguments.require_no_tds});
  return planned;
}

std::optional<Error> PlannedUpdate::refusal() const {
  if (plan.up_to_date) return std::nullopt;
  return image.error ? image.error : plan.refusal();
}

std::string to_text(const PlannedUpdate& planned, const Style& style) {
  std::vector<Check> shown;
  std::size_t held = 0;
  for (std::size_t i = 0; i < planned.plan.checks.size(); ++i) {
    const Check& check = planned.plan.checks[i];
    const bool dull = i < planned.plan.image_checks && check.verdict == Verdict::ok;
    held += dull ? 1 : 0;
    if (!dull || planned.all_rules) shown.push_back(check);
  }
  std::string text = headline(planned, style);
  if (held > 0 && !planned.all_rules) text += "  " + counted(held, "rule") + " about the image itself hold\n";
  return text + checks_text(shown, style) + unseen_rows(planned.host, style);
}

Json to_json(const PlannedUpdate& planned) {
  const auto& hkids = planned.host.status.platform.hkids;
  return {
      {"host", to_json(planned.host)},           {"catalog", catalog_json(planned.folder)},
      {"image", to_json(planned.image)},         {"tds", hkids ? Json(hkids->in_use) : Json(nullptr)},
      {"updater", or_null(planned.plan.driver)}, {"up_to_date", planned.plan.up_to_date},
      {"checks", to_json(planned.plan.checks)},
  };
}

void add_update_plan(CLI::App& update, Context& context) {
  CLI::App* plan = update.add_subcommand("plan", "check all that an update could fail at");
  struct Typed {
    PlanArguments arguments;
    bool all_rules = false;
  };
  const auto options = std::make_shared<Typed>();
  add_plan_options(*plan, options->arguments);
  plan->add_flag("--all", options->all_rules, "also show the rules about the image that hold");
  on_run(*plan, context, "update-plan",
         [&context, options] { return run_plan(context, options->arguments, options->all_rules); });
}

}  // namespace tdxctl::cli
