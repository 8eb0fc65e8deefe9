// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/envelope.h"
#include "cli/image_file.h"
#include "cli/text.h"
#include "cli/update_catalog.h"
#include "core/history.h"
#include "core/image/identify.h"
#include "core/image/select.h"
#include "core/staging.h"
#include "core/update_apply.h"
#include "core/update_plan.h"
#include "core/update_recover.h"

namespace CLI {
class App;
}

namespace tdxctl::cli {

// --- update inspect ---

struct Inspection {
  std::vector<ExaminedImage> images;
};
Inspection inspect_images(Files& files, const std::vector<std::string>& paths);
std::string to_text(const Inspection& inspection, const Style& style);
Json to_json(const Inspection& inspection);

// --- update verify ---

struct VerifyReport {
  image::Sha384 key_hash{};  ///< of the key that has to have signed
  bool all_rules = false;    ///< text also shows the rules that hold
  std::vector<ExaminedImage> images;
};
/// `key_file`: a public key, or its hash, in place of Intel's; empty for Intel's.
/// Errors: file_unreadable, not_permitted, bad_key.
Result<VerifyReport> verify_images(Files& files, const std::vector<std::string>& paths,
                                   const std::string& key_file);
std::string to_text(const VerifyReport& report, const Style& style);
Json to_json(const VerifyReport& report);

// --- update convert ---

struct Conversion {
  std::string from;
  std::string from_form;
  std::string form;
  std::vector<NewFile> files;
  bool changed = false;  ///< false where the files were there, byte for byte
};
/// `form`: "0x100", "0x200" or "parts". Errors: usage, those of reading and of creating a file, and the id of
/// the rule that a damaged image breaks.
Result<Conversion> convert_image(Files& files, const std::string& in, const std::string& out,
                                 const std::string& form);
std::string to_text(const Conversion& conversion, const Style& style);
Json to_json(const Conversion& conversion);

// --- update identify ---

struct Identification {
  enum class Kind : std::uint8_t { mrseam, svn, image };

  std::string target;  ///< as it was typed
  Kind kind = Kind::image;
  image::Identity identity{};
  std::optional<Error> error{};
};
struct IdentifyReport {
  std::vector<Identification> targets;
};
IdentifyReport identify_targets(Files& files, const std::vector<std::string>& targets);
std::string to_text(const IdentifyReport& report, const Style& style);
Json to_json(const IdentifyReport& report);

// --- update list ---

struct UpdateList {
  CatalogView view;
  std::vector<image::Assessment> assessments;  ///< one for each image of the folder
};
UpdateList judge_images(CatalogView view);
std::string to_text(const UpdateList& list, const Style& style);
Json to_json(const UpdateList& list);

// --- update select ---

struct UpdateChoice {
  CatalogView view;
  image::Policy policy;
  image::Selection selection;
  bool explain = false;  ///< text also shows the rejected ones
};
UpdateChoice choose_image(CatalogView view, const image::Policy& policy);
std::string to_text(const UpdateChoice& choice, const Style& style);
Json to_json(const UpdateChoice& choice);

// --- update plan, and what update apply begins with ---

struct PlanArguments {
  std::string image;  ///< empty for the staged one
  CatalogOptions catalog;
  bool require_no_tds = false;
};
/// Gives a verb IMAGE, --require-no-tds and the options of the catalog.
void add_plan_options(CLI::App& verb, PlanArguments& arguments);

struct PlannedUpdate {
  UpdateHost host;
  ImageFolder folder;
  ListedImage image;
  ExaminedImage subject;  ///< the same image with its bytes
  UpdatePlan plan;
  std::optional<Warning> other_key{};  ///< the image is judged by another key than Intel's
  bool all_rules = false;              ///< text also shows the rules about the image that hold

  /// Why the update may not go ahead: what is wrong with the image before what it does not fit.
  [[nodiscard]] std::optional<Error> refusal() const;
};
/// The image of a path, or the staged one where that is empty; what is wrong with it is in it.
/// Errors: nothing_staged, store_damaged, those of the store.
Result<ExaminedImage> named_or_staged(Context& context, const std::string& path,
                                      const image::VerifyOptions& options);
/// The catalog for an image: the one that was named, the published folder that the image lies in, or the
/// default one, which need not be there. Errors: those of read_image_folder.
Result<ImageFolder> catalog_of_image(Context& context, const std::string& catalog, const std::string& image,
                                     const image::VerifyOptions& options);
/// Errors: those of reading the key, the image and the catalog; nothing_staged; store_damaged; those of
/// Context::drivers.
Result<PlannedUpdate> plan_image(Context& context, const PlanArguments& arguments);
std::string to_text(const PlannedUpdate& planned, const Style& style);
Json to_json(const PlannedUpdate& planned);

// --- update apply ---

std::string to_text(const UpdateReport& report, const Style& style);
Json to_json(const UpdateReport& report);

struct AppliedUpdate {
  PlannedUpdate planned;
  bool dry_run = false;
  std::optional<UpdateReport> report{};  ///< nothing where nothing was begun
};
std::string to_text(const AppliedUpdate& applied, const Style& style);
Json to_json(const AppliedUpdate& applied);

// --- update recover ---

struct Recovery {
  RecoverPlan plan;
  std::optional<ExaminedImage> subject{};  ///< the image to install; nothing where none is needed or given
  std::optional<Version> version{};        ///< the release of that image, where it is known
  std::vector<Check> checks{};  ///< whether the P-SEAMLDR takes that image, as far as it can be known
  bool dry_run = false;
  std::optional<UpdateReport> report{};  ///< nothing where nothing was begun
};
/// What leads on after an update that has left a machine without a module that can be used: a command that
/// works here. `image` and `key_file`: as typed. Nothing where the machine does not tell its case.
std::optional<std::string> way_on(Context& context, Drivers& drivers, const Error& error,
                                  const std::string& image, const std::string& key_file);
std::string to_text(const Recovery& recovery, const Style& style);
Json to_json(const Recovery& recovery);

// --- update stage, discard, wanted and history ---

struct Staging {
  StagedImage image;
  bool changed = false;  ///< false where it was staged already
};
std::string to_text(const Staging& staging, const Style& style);
Json to_json(const Staging& staging);

struct Discarding {
  std::optional<StagedImage> image{};  ///< nothing where nobody could tell what it was
  bool changed = false;
};
std::string to_text(const Discarding& discarding, const Style& style);
Json to_json(const Discarding& discarding);

struct Wanted {
  std::optional<Version> version;
};
std::string to_text(const Wanted& wanted, const Style& style);
Json to_json(const Wanted& wanted);

std::string to_text(const History& history, const Style& style);
Json to_json(const History& history);

// Each in its own file, cmd_update_NAME.cpp.
void add_update_inspect(CLI::App& update, Context& context);
void add_update_verify(CLI::App& update, Context& context);
void add_update_convert(CLI::App& update, Context& context);
void add_update_identify(CLI::App& update, Context& context);
void add_update_list(CLI::App& update, Context& context);
void add_update_select(CLI::App& update, Context& context);
void add_update_plan(CLI::App& update, Context& context);
void add_update_recover(CLI::App& update, Context& context);
void add_update_apply(CLI::App& update, Context& context);
void add_update_stage(CLI::App& update, Context& context);
void add_update_discard(CLI::App& update, Context& context);
void add_update_wanted(CLI::App& update, Context& context);
void add_update_history(CLI::App& update, Context& context);

}  // namespace tdxctl::cli
