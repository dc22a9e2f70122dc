// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { parse } from "yaml";
import { loadConfig } from "../src/config/load.js";

const ROOT = new URL("../../", import.meta.url);

interface Compose {
  readonly services: Readonly<Record<string, { environment: Record<string, string> }>>;
}

function read(file: string): string {
  return readFileSync(new URL(file, ROOT), "utf8");
}

describe("docker-compose.yml", () => {
  const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose;

  it("is what the Compose Specification says", () => {
    const schema = JSON.parse(read("test/compose/compose-spec.json")) as object;
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors).to.equal(null);
  });

  it("is refused by that schema when a key is misspelt", () => {
    const schema = JSON.parse(read("test/compose/compose-spec.json")) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect(validate({ services: { signer: { imagge: "x" } } })).to.equal(false);
  });

  it("configures the signer with keys that there are", async () => {
    const defaults = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, "$1");
    const { environment } = compose.services["signer"] ?? { environment: {} };
    const env = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, defaults(value)]),
    );
    const config = await loadConfig(undefined, env);
    expect(config.trustDomain).to.equal("example.org");
    const known = read("signer/src/config/schema.ts");
    for (const key of Object.keys(env)) {
      const tail = key.replace(/^SIGNET_VAULT_(SIGNING|REVOCATION)_/, "_");
      expect(known, key).to.include(tail);
    }
  });
});
