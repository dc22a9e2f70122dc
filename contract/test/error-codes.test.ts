// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { expect } from "chai";
import { parse } from "yaml";
import { ERROR_DOCS, errorDocs } from "../generate/error-docs.js";
import {
  CONNECTION_REASONS,
  isConnectionReason,
  type ConnectionReason,
} from "../src/connection-reasons.js";
import { ERRORS, isErrorCode } from "../src/error-codes.js";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

const PARTS = ["contract", "signer", "agent", "cli"];

interface Definition {
  readonly name: string;
  readonly entries?: readonly { readonly name: string }[];
}

describe("error table", () => {
  it("is what docs/errors.md says", () => {
    expect(readFileSync(ERROR_DOCS, "utf8"), "run npm run generate").to.equal(errorDocs());
  });

  it("has a sentence and a help for each code, and a status that gRPC knows", () => {
    for (const [code, info] of Object.entries(ERRORS)) {
      expect(code).to.match(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      expect(info.sentence, code).to.match(/^[A-Z].*\.$/);
      expect(info.help, code).to.match(/\.$|`$|\)$/);
      expect(status[info.grpc], code).to.be.a("number");
      expect(info.exit, code).to.be.within(64, 78);
    }
  });

  it("has every code that the protos name", () => {
    for (const file of readdirSync(new URL("proto/signet/v1", root))) {
      const comments = read(`proto/signet/v1/${file}`).match(/\/\/.*/g) ?? [];
      for (const [code] of comments.join("\n").matchAll(/\b[A-Z]{2,}(?:_[A-Z0-9]+)+(?![_*A-Z])/g)) {
        expect(isErrorCode(code), `${file}: ${code}`).to.equal(true);
      }
    }
  });

  it("has no code that no part uses", () => {
    const used = PARTS.flatMap((part) =>
      readdirSync(new URL(`${part}/src`, root), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts") && !name.endsWith("error-codes.ts"))
        .map((name) => read(`${part}/src/${name}`)),
    ).join("\n");
    const unused = Object.keys(ERRORS).filter((code) => !used.includes(`"${code}"`));
    expect(unused).to.deep.equal([]);
  });

  it("does not take a property of every object for a code", () => {
    expect(isErrorCode("constructor")).to.equal(false);
    expect(isConnectionReason("toString")).to.equal(false);
  });
});

describe("connection reasons", () => {
  it("are those of the netlink family, in its order", () => {
    const { definitions } = parse(read("kmod/signet.yaml")) as { definitions: Definition[] };
    const reason = definitions.find((definition) => definition.name === "reason");
    expect(Object.keys(CONNECTION_REASONS)).to.deep.equal(
      reason?.entries?.map((entry) => entry.name),
    );
  });

  it("send the alerts that the module's own table has", () => {
    const numbers = new Map(
      [...read("kmod/core/tls/tls.h").matchAll(/SIGNET_ALERT_([A-Z0-9_]+) = (\d+),/g)].map(
        ([, name = "", number = ""]) => [name, `${name.toLowerCase()} (${number})`],
      ),
    );
    const rows = read("kmod/watch/reason.c").matchAll(
      /\bREASON\([A-Z_]+,\s*"([a-z-]+)",\s*-?[A-Z0-9]+,\s*([A-Z_]+),/g,
    );
    const alerts = new Map([...rows].map(([, reason = "", alert = ""]) => [reason, alert]));
    for (const [reason, { alert }] of Object.entries<ConnectionReason>(CONNECTION_REASONS)) {
      const sent = alerts.get(reason) ?? "";
      if (sent === "NONE") expect(alert, reason).to.equal(undefined);
      else expect(alert, reason).to.include(numbers.get(sent));
    }
  });
});
