// SPDX-License-Identifier: Apache-2.0
import { describeModel } from "./model-suite.js";

describeModel({
  name: "joining",
  settings: { "with losses, deaths and a thief": {} },
  breaches: {
    BREAK_CLAIM_BY_TOKEN_ALONE: { claim: "no_false_alarm" },
    BREAK_CLAIM_IN_MEMORY: { claim: "one_key" },
    BREAK_KEY_IN_MEMORY: { claim: "not_in_vain" },
    BREAK_USED_BEFORE_DISK: { claim: "not_in_vain" },
    BREAK_ALARM_AFTER_USE: { claim: "no_false_alarm" },
    BREAK_REFUSED_SILENTLY: { claim: "alarm_for_thief" },
    BREAK_WAITS_FOR_EVER: { claim: "ends" },
  },
});
