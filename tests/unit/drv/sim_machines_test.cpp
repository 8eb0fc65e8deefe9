// SPDX-License-Identifier: MIT
#include "drv/sim/sim_machines.h"

#include <gtest/gtest.h>

#include <string>

#include "recorded_tree.h"

namespace tdxctl {
namespace {

MachineSpec spec_of(const std::string& profile) {
  MachineSpec spec;
  spec.profile = profile;
  return spec;
}

/// The error of a spec; `internal` when it is none.
Error error_of(const MachineSpec& spec) {
  const auto setup = make_setup(spec);
  return setup ? Error{ErrorId::internal, "accepted"} : setup.error();
}

class Machine : public testing::Test {
 protected:
  SimMachines machines_;
};

TEST_F(Machine, EveryBuiltInOneCanBeLoadedAndViewed) {
  ASSERT_GE(machines_.builtin().size(), 4u);
  for (const std::string_view name : machines_.builtin()) {
    const auto spec = machines_.load(name);
    ASSERT_TRUE(spec) << name;
    EXPECT_EQ(spec->profile, name);
    const auto view = machines_.view(name, *spec);
    ASSERT_TRUE(view) << view.error().what;
    EXPECT_EQ(view->name, name);
    EXPECT_GT(view->lps, 0u);
    EXPECT_GT(view->packages, 0u);
    EXPECT_NE(view->fms, 0u);
    EXPECT_NE(view->features0, 0u);
    EXPECT_GE(view->tdx_keyids, 2u);
    EXPECT_FALSE(view->cmrs.empty());
  }
}

TEST_F(Machine, EveryBuiltInOneBootsIntoEveryState) {
  EXPECT_EQ(machines_.boot_states().size(), std::size_t{SEAM_NR_BOOTS});
  for (const std::string_view name : machines_.builtin()) {
    for (const std::string_view boot : machines_.boot_states()) {
      MachineSpec spec = spec_of(std::string(name));
      spec.boot = boot;
      const auto view = machines_.view(name, spec);
      ASSERT_TRUE(view) << name << " " << boot << ": " << view.error().what;
      EXPECT_EQ(view->boot, boot);
    }
  }
}

TEST_F(Machine, WhatASpecSaysIsInEffect) {
  MachineSpec spec = spec_of("granite-rapids");
  spec.packages = 4;
  spec.lps = 16;
  spec.boot = "loaded";
  spec.module = Version{1, 5, 5};
  spec.seamldr = Version{1, 5, 2};
  spec.updates = 3;
  auto view = machines_.view("mine", spec);
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_EQ(view->packages, 4u);
  EXPECT_EQ(view->lps, 16u);
  EXPECT_EQ(view->boot, "loaded");
  EXPECT_EQ(view->module, (Version{1, 5, 5}));
  EXPECT_EQ(view->features0, 0x1F0FBFu) << "as published for 1.5.05";
  EXPECT_EQ(view->seamldr, (Version{1, 5, 2}));
  EXPECT_EQ(view->updates, 3u);

  spec.features0 = 0x20000000000000;
  view = machines_.view("mine", spec);
  EXPECT_EQ(view->features0, 0x20000000000000u) << "what is given comes before what is published";
}

TEST_F(Machine, AReleaseThatWasNeverPublishedNeedsItsFeatures) {
  MachineSpec spec = spec_of("granite-rapids");
  spec.module = Version{2, 0, 99};
  EXPECT_EQ(error_of(spec).id, ErrorId::profile_invalid);
  spec.features0 = 1;
  EXPECT_TRUE(make_setup(spec));
}

TEST_F(Machine, ANameThatIsNotBuiltInIsRefused) {
  for (const std::string& name :
       {std::string(), std::string("granite"), std::string("granite-rapids "), std::string("Granite-Rapids"),
        std::string("granite-rapids\0x", 16), std::string(1000, 'x')}) {
    EXPECT_EQ(machines_.load(name).error().id, ErrorId::no_such_machine) << name;
    EXPECT_EQ(error_of(spec_of(name)).id, ErrorId::no_such_machine) << name;
  }
}

TEST_F(Machine, LimitsOfTheModelAreLimitsOfASpec) {
  struct Limit {
    std::uint32_t packages, lps;
    bool good;
  };
  for (const Limit& limit :
       {Limit{1, 1, true}, Limit{8, 1024, true}, Limit{1, 0, false}, Limit{1, 1025, false},
        Limit{1, 10'000, false}, Limit{1, 0xFFFFFFFF, false}, Limit{0, 4, false}, Limit{9, 9, false},
        Limit{0xFFFFFFFF, 4, false}, Limit{3, 4, false}, Limit{8, 4, false}}) {
    MachineSpec spec = spec_of("granite-rapids");
    spec.packages = limit.packages;
    spec.lps = limit.lps;
    const Error error = error_of(spec);
    EXPECT_EQ(error.id, limit.good ? ErrorId::internal : ErrorId::profile_limit)
        << limit.packages << " packages, " << limit.lps << " LPs: " << error.what;
  }
}

TEST_F(Machine, UpdatesHaveALimit) {
  MachineSpec spec = spec_of("granite-rapids");
  for (const std::uint32_t updates : {0u, 65535u}) {
    spec.updates = updates;
    EXPECT_EQ(machines_.view("mine", spec)->updates, updates);
  }
  for (const std::uint32_t updates : {65536u, 0xFFFFFFFFu}) {
    spec.updates = updates;
    EXPECT_EQ(error_of(spec).id, ErrorId::profile_limit);
  }
}

TEST_F(Machine, ABootStateThatDoesNotExistIsRefused) {
  MachineSpec spec = spec_of("granite-rapids");
  for (const char* boot : {"", "Ready", "ready ", "off"}) {
    spec.boot = boot;
    EXPECT_EQ(error_of(spec).id, ErrorId::profile_invalid) << boot;
  }
}

TEST_F(Machine, AModuleOfNoLineIsRefused) {
  MachineSpec spec = spec_of("granite-rapids");
  spec.features0 = 1;
  for (const Version version : {Version{0, 0, 0}, Version{3, 0, 0}, Version{65535, 65535, 65535}}) {
    spec.module = version;
    EXPECT_EQ(error_of(spec).id, ErrorId::profile_limit) << to_string(version);
  }
}

struct FaultText {
  const char* text;
  std::size_t character;  ///< at which the wrong fault starts, from 1; 0: good
};

TEST_F(Machine, FaultsAreReadOrTheFirstWrongOneIsShown) {
  for (const FaultText& faults : {
           FaultText{"", 0},
           FaultText{"seamcall=34,status=0x8000020300000000", 0},
           FaultText{"seamldr=0,outcome=vmfailinvalid,lp=*,nth=2,count=0", 0},
           FaultText{"# only a comment", 0},
           FaultText{" ; \n ; ", 0},
           FaultText{"seamcall=34,outcome=ud;\nseamcall=37,outcome=gp", 0},
           FaultText{"seamcall=34", 1},
           FaultText{"outcome=ud", 1},
           FaultText{"seamcall=34,outcome=ud;seamcall=", 24},
           FaultText{"seamcall=34,outcome=ud,outcome=gp", 1},
           FaultText{"seamcall=34,outcome=ud,status=1", 1},
           FaultText{"seamcall=34,seamldr=1,outcome=ud", 1},
           FaultText{"seamcall=65536,outcome=ud", 1},
           FaultText{"seamcall=34,status=0x10000000000000000", 1},
           FaultText{"seamcall=34,status=18446744073709551616", 1},
           FaultText{"seamcall=34,outcome=xx", 1},
           FaultText{"seamcall=34,outcome=ud,nth=0", 1},
           FaultText{"seamcall=34,outcome=ud,lp=1024", 1},
           FaultText{"seamcall=34,outcome=ud,colour=red", 1},
           FaultText{"seamcall=34 outcome=ud", 1},
           FaultText{"seamcall=34,,outcome=ud", 1},
           FaultText{"seamcall=0x,outcome=ud", 1},
       }) {
    MachineSpec spec = spec_of("granite-rapids");
    spec.faults = faults.text;
    const Error error = error_of(spec);
    if (faults.character == 0) {
      EXPECT_EQ(error.id, ErrorId::internal) << faults.text << ": " << error.what;
    } else {
      EXPECT_EQ(error.id, ErrorId::profile_invalid) << faults.text;
      const std::string where = "fault at character " + std::to_string(faults.character) + ":";
      EXPECT_TRUE(error.what.starts_with(where)) << faults.text << ": " << error.what;
    }
  }
}

TEST_F(Machine, ThereIsRoomFor32Faults) {
  MachineSpec spec = spec_of("granite-rapids");
  for (int i = 0; i < 32; ++i) spec.faults += "seamcall=34,outcome=ud;";
  EXPECT_TRUE(make_setup(spec));
  spec.faults += "seamcall=34,outcome=ud";
  EXPECT_EQ(error_of(spec).id, ErrorId::profile_invalid);
}

class MachineFile : public Machine {
 protected:
  std::string path() { return tree_.locate("/machine.json"); }

  test::RecordedTree tree_;
};

TEST_F(MachineFile, IsLoadedAsItWasSaved) {
  MachineSpec spec = spec_of("emerald-rapids");
  spec.lps = 8;
  spec.boot = "no-module";
  spec.faults = "seamcall=34,outcome=ud";
  ASSERT_TRUE(machines_.save(path(), spec));
  const auto loaded = machines_.load(path());
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(loaded->profile, spec.profile);
  EXPECT_EQ(loaded->lps, spec.lps);
  EXPECT_EQ(loaded->boot, spec.boot);
  EXPECT_EQ(loaded->faults, spec.faults);
  EXPECT_FALSE(loaded->packages);
}

TEST_F(MachineFile, IsNeverReplaced) {
  ASSERT_TRUE(machines_.save(path(), spec_of("emerald-rapids")));
  EXPECT_EQ(machines_.save(path(), spec_of("granite-rapids")).error().id, ErrorId::file_exists);
  EXPECT_EQ(machines_.load(path())->profile, "emerald-rapids");
}

TEST_F(MachineFile, OfAMachineThatCannotBeIsNotWritten) {
  MachineSpec spec = spec_of("emerald-rapids");
  spec.lps = 10'000;
  EXPECT_EQ(machines_.save(path(), spec).error().id, ErrorId::profile_limit);
  EXPECT_TRUE(tree_.names().empty());
}

TEST_F(MachineFile, SaysWhichFileIsWrong) {
  tree_.write("/machine.json", "{");
  const auto loaded = machines_.load(path());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().id, ErrorId::profile_invalid);
  EXPECT_NE(loaded.error().what.find(path()), std::string::npos) << loaded.error().what;
}

TEST_F(MachineFile, EachWayNotToBeReadableHasItsOwnError) {
  EXPECT_EQ(machines_.load(path()).error().id, ErrorId::no_such_machine);
  EXPECT_EQ(machines_.load("no-such-file.json").error().id, ErrorId::no_such_machine);
  EXPECT_EQ(machines_.load(tree_.directory()).error().id, ErrorId::file_unreadable);
  EXPECT_EQ(machines_.load("/dev/zero").error().id, ErrorId::file_unreadable);
  tree_.write("/machine.json", "{}");
  tree_.deny("/machine.json");
  TDXCTL_DROP_PRIVILEGES(nobody);
  EXPECT_EQ(machines_.load(path()).error().id, ErrorId::not_permitted);
}

}  // namespace
}  // namespace tdxctl
