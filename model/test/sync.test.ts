// SPDX-License-Identifier: Apache-2.0
import { describeModel } from "./model-suite.js";

const DAILY = { CHANGES: 2, STATES: 1, BREAKS: 1, DEATHS: 1, FAULTS: 1 };
const RESTORED_BANS = { CHANGES: 1, STATES: 0, BREAKS: 1, DEATHS: 1, RESTORES: 1 };
const RESTORED_STATE = { CHANGES: 0, STATES: 1, BREAKS: 1, DEATHS: 1, RESTORES: 1 };

describeModel({
  name: "sync",
  settings: {
    "with a state that the kernel refuses": DAILY,
    "with revocations and a restore": RESTORED_BANS,
    "with states and a restore": RESTORED_STATE,
  },
  breaches: {
    BREAK_LATE_FRAMES: { claim: "never_back", settings: DAILY },
    BREAK_ACKNOWLEDGED_BEFORE_DISK: { claim: "said_is_done", settings: DAILY },
    BREAK_CHUNK_OF_NEWEST: { claim: "one_state", settings: { CHANGES: 0, STATES: 2 } },
    BREAK_REFUSAL_ENDS_STREAM: { claim: "arrives", settings: DAILY },
    BREAK_RESTORE_UNSEEN: { claim: "arrives", settings: RESTORED_BANS },
    BREAK_NO_TAG: { claim: "arrives", settings: RESTORED_BANS },
    BREAK_BANS_UNREPORTED: { claim: "arrives", settings: RESTORED_BANS },
    BREAK_EPOCH_DROPS_BANS: { claim: "no_ban_is_lost", settings: RESTORED_BANS },
    BREAK_NAMES_WHAT_DISK_HAS: { claim: "arrives", settings: RESTORED_BANS },
    BREAK_NO_STATE_TAG: { claim: "arrives", settings: RESTORED_STATE },
    BREAK_OLD_STATE_IN_NEW_EPOCH: { claim: "arrives", settings: RESTORED_STATE },
  },
});
