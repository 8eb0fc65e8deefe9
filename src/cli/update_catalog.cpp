// SPDX-License-Identifier: MIT
#include "cli/update_catalog.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "cli/cpu_text.h"
#include "cli/image_text.h"
#include "cli/report.h"
#include "core/hex.h"
#include "core/image/hex_digits.h"

namespace tdxctl::cli {
namespace {

constexpr std::string_view kDefaultCatalog = "/var/lib/tdxctl/images";

/// A fact of the host that an update depends on: its path in the JSON, who told it, and why nobody could.
struct Fact {
  std::string_view name;
  std::string_view driver;
  const Error* why = nullptr;
};

std::vector<Fact> facts(const UpdateHost& host) {
  std::vector<Fact> list;
  const auto add = [&list](std::string_view name, const auto& told) {
    list.push_back(
        {name, told.value ? told.driver : std::string_view{}, told.value ? nullptr : &told.value.error()});
  };
  add("module_version", host.status.module_version);
  add("seamldr_version", host.status.seamldr_version);
  add("svn", host.svn);
  add("module_hv", host.module_hv);
  add("features0", host.status.features0);
  add("updates_left", host.status.updates_left);
  const auto& packages = host.status.platform.packages;
  if (!packages) list.push_back({"packages", {}, &packages.error()});
  return list;
}

/// Whether a folder was looked at and had none, rather than that nobody could look.
bool has_no_images(const Error& error) {
  return error.id == ErrorId::folder_missing || error.id == ErrorId::no_images;
}

/// The image of the running release, or nullptr.
const image::Sigstruct* running_image(const ImageFolder& folder, const Version& running) {
  for (const ListedImage& image : folder.images) {
    if (!image.error && image.candidate.version == running) return &*image.candidate.sigstruct;
  }
  return nullptr;
}

}  // namespace

void add_catalog_options(CLI::App& verb, CatalogOptions& options) {
  verb.add_option("--catalog", options.catalog, "folder of images, or a list of releases (.json) in one")
      ->type_name("PATH");
  verb.add_option("--key", options.key_file, "public key in a file, or its SHA-384, in place of Intel's")
      ->type_name("KEY");
  verb.add_flag("--strict", options.strict, "insist on releases that list the running one as compatible");
}

void complete_from_folder(UpdateHost& host, const ImageFolder& folder) {
  const auto& running = host.status.module_version.value;
  if (!running) return;
  complete_from_catalog(host, folder.catalog.find(*running), running_image(folder, *running));
}

std::string default_catalog(const Options& options) {
  return (options.root == "/" ? "" : options.root) + std::string(kDefaultCatalog);
}

ImageFolder absent_catalog(const Options& options, Error why) {
  ImageFolder none;
  none.path = default_catalog(options);
  if (has_no_images(why)) why.hint = "put images there, or name a folder with --catalog";
  none.absent = std::move(why);
  return none;
}

Result<CatalogView> view_catalog(Context& context, const CatalogOptions& options) {
  const auto key = read_key(context.files(), options.key_file);
  if (!key) return fail(key.error());
  const bool named = !options.catalog.empty();
  auto folder = read_image_folder(context.files(), named ? options.catalog : default_catalog(context.options),
                                  {.key_hash = *key});
  if (!folder && !named && has_no_images(folder.error()))
    folder = absent_catalog(context.options, folder.error());
  if (!folder) return fail(folder.error());
  const auto drivers = context.drivers();
  if (!drivers) return fail(drivers.error());

  CatalogView view{read_update_host(**drivers),
                   std::move(*folder),
                   {.strict = options.strict},
                   warning_of_key(*key, options.key_file)};
  complete_from_folder(view.host, view.folder);
  return view;
}

std::string_view driver_of(const UpdateHost& host) {
  std::string_view driver;
  for (const Fact& fact : facts(host)) {
    if (fact.driver.empty() || fact.driver == kToldByCatalog || fact.driver == driver) continue;
    if (!driver.empty()) return "several";
    driver = fact.driver;
  }
  return driver;
}

std::string host_line(const UpdateHost& host) {
  const HostStatus& status = host.status;
  const auto& packages = status.platform.packages;
  const auto version = [](const Result<Version>& value) { return value ? to_string(*value) : "not seen"; };
  if (!status.module_version.value && !status.seamldr_version.value && !status.updates_left.value &&
      !packages)
    return "nothing of this host was seen\n";
  std::string text = "TDX module " + version(status.module_version.value);
  if (host.svn.value) text += " (SVN " + to_string(*host.svn.value) + ")";
  text += ", P-SEAMLDR " + version(status.seamldr_version.value) + ", ";
  const auto& left = status.updates_left.value;
  text += left ? counted(*left, "update") + " left" : "updates left not seen";
  return text + "; " + (packages ? packages_text(*packages) : "CPUs not seen") + "\n";
}

std::string unseen_rows(const UpdateHost& host, const Style& style) {
  Columns rows(style, 2);
  bool any = false;
  for (const Fact& fact : facts(host)) {
    if (fact.why == nullptr) continue;
    any = true;
    rows.row({{std::string(fact.name)}, {sentence(*fact.why), Colour::faint}});
  }
  return any ? style.paint(Colour::bold, "not seen") + "\n" + rows.str() : "";
}

Json to_json(const UpdateHost& host) {
  Json served_by = Json::object();
  Json not_seen = Json::array();
  for (const Fact& fact : facts(host)) {
    if (fact.name != "packages") served_by[std::string(fact.name)] = or_null(fact.driver);
    if (fact.why != nullptr) not_seen.push_back({{"fact", fact.name}, {"reason", to_json(*fact.why)}});
  }
  const HostStatus& status = host.status;
  return {
      {"module_version", text_or_null(status.module_version.value)},
      {"seamldr_version", text_or_null(status.seamldr_version.value)},
      {"svn", text_or_null(host.svn.value)},
      {"mrseam", host.mrseam ? Json(image::hex_digits(*host.mrseam)) : Json(nullptr)},
      {"module_hv", or_null(host.module_hv.value)},
      {"features0", status.features0.value ? Json(hex64(*status.features0.value)) : Json(nullptr)},
      {"updates_left", or_null(status.updates_left.value)},
      {"packages", packages_json(status.platform.packages)},
      {"served_by", std::move(served_by)},
      {"not_seen", std::move(not_seen)},
  };
}

Json catalog_json(const ImageFolder& folder) {
  Json missing = Json::array();
  for (const Version& version : folder.releases_without_image()) missing.push_back(to_string(version));
  return {
      {"path", folder.path},
      {"mapping_file", folder.mapping_file ? Json(*folder.mapping_file) : Json(nullptr)},
      {"form", or_null(folder.catalog.form)},
      {"releases", folder.catalog.releases.size()},
      {"releases_without_image", std::move(missing)},
  };
}

std::vector<Warning> warnings_of(const ImageFolder& folder, const std::optional<Warning>& other_key) {
  std::vector<Warning> warnings;
  if (other_key) warnings.push_back(*other_key);
  if (folder.absent) {
    warnings.push_back({error_info(folder.absent->id).name,
                        folder.absent->what + ": " + std::string(folder.absent->hint_text())});
  }
  for (const auto* list : {&folder.catalog.problems, &folder.problems}) {
    for (const std::string& problem : *list) warnings.push_back({"catalog", problem});
  }
  return warnings;
}

Json to_json(const ListedImage& image) {
  const image::Candidate& candidate = image.candidate;
  Json svn = nullptr;
  Json date = nullptr;
  if (candidate.sigstruct) {
    svn = to_string(image::svn(*candidate.sigstruct));
    if (const auto day = image::date(*candidate.sigstruct)) date = image::to_string(*day);
  }
  return {
      {"path", image.path},
      {"form", or_null(image.form)},
      {"size_bytes", image.bytes},
      {"version", text_or_null(candidate.version)},
      {"version_parts", candidate.version ? version_parts(*candidate.version) : Json(nullptr)},
      {"version_by_name", candidate.version_by_name},
      {"svn", std::move(svn)},
      {"date", std::move(date)},
      {"error", error_or_null(image.error)},
  };
}

std::string_view path_in(const ImageFolder& folder, const ListedImage& image) {
  std::string_view path = image.path;
  if (path.starts_with(folder.path)) path.remove_prefix(folder.path.size());
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

std::vector<Check> reasons_against(const std::vector<Check>& checks) {
  std::vector<Check> reasons;
  std::ranges::copy_if(checks, std::back_inserter(reasons), [](const Check& check) {
    return check.verdict == Verdict::bad || check.verdict == Verdict::unknown;
  });
  return reasons;
}

std::string reason_text(const Check& reason) { return std::string(reason.name()) + ": " + reason.evidence; }

}  // namespace tdxctl::cli
