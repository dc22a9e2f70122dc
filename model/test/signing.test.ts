// SPDX-License-Identifier: Apache-2.0
import { describeModel } from "./model-suite.js";

describeModel({
  name: "signing",
  settings: { "with two signatures, two revocations and a death": {} },
  breaches: {
    BREAK_NO_INTENT: { claim: "ledger" },
    BREAK_REPLY_BEFORE_RECORD: { claim: "ledger" },
    BREAK_CHECK_BEFORE_COMMIT: { claim: "revoked" },
    BREAK_BAN_INSTEAD_OF_EPOCH: { claim: "revoked" },
    BREAK_UNBAN_REVIVES: { claim: "revoked" },
    BREAK_REVOKE_IN_TWO_TRANSACTIONS: { claim: "in_vault" },
  },
});
