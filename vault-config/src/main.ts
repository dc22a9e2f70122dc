#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { administrator, writeAdministrator } from "./administrator.js";
import { applyVaultConfig } from "./apply.js";
import { writeCredentials } from "./credentials.js";
import { Vault } from "./vault.js";

const HELP = `Makes a Vault ready for Signet. Running it twice changes nothing.

Usage: npm run vault-config -- [apply] --trust-domain TD [--addr URL]
       npm run vault-config -- credentials --out DIR [--wrap-ttl SECONDS]
       npm run vault-config -- admin --trust-domain TD --name NAME --out DIR [--ttl 8h]

  apply         mounts, roots, issuers, roles, ACL policies and AppRoles
  credentials   a RoleID and a wrapped SecretID for each AppRole, for the signer
  admin         an administrator's certificate, for \`signet\`

Options:
  --addr URL          Vault's address (default: $VAULT_ADDR)
  --token-file FILE   the operator's token (default: $VAULT_TOKEN)
  --ca-file FILE      CA of Vault's own certificate, PEM (default: $VAULT_CACERT, or the system's)
  --help              this text

Example:
  VAULT_TOKEN=… npm run vault-config -- --addr https://vault.example.org:8200 --trust-domain example.org
`;

const USAGE = 64;
const FAILED = 1;

const OPTIONS = {
  addr: { type: "string" },
  "token-file": { type: "string" },
  "ca-file": { type: "string" },
  "trust-domain": { type: "string" },
  out: { type: "string" },
  name: { type: "string" },
  ttl: { type: "string", default: "8h" },
  "wrap-ttl": { type: "string", default: "600" },
  help: { type: "boolean" },
} as const;

class Usage extends Error {}

function required(value: string | undefined, what: string): string {
  if (value === undefined || value === "") throw new Usage(`${what} is missing; see --help`);
  return value;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error));
  }
}

type Values = ReturnType<typeof parse>["values"];

async function connect(values: Values): Promise<Vault> {
  const tokenFile = values["token-file"];
  const caFile = values["ca-file"] ?? process.env["VAULT_CACERT"];
  const token =
    tokenFile === undefined ? process.env["VAULT_TOKEN"] : await readFile(tokenFile, "utf8");
  return new Vault({
    address: required(values.addr ?? process.env["VAULT_ADDR"], "--addr or VAULT_ADDR"),
    token: required(token?.trim(), "--token-file or VAULT_TOKEN"),
    ...(caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") }),
  });
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) return void process.stdout.write(HELP);
  const [command = "apply"] = positionals;
  const vault = await connect(values);
  const domain = () => required(values["trust-domain"], "--trust-domain");
  const out = () => required(values.out, "--out");
  switch (command) {
    case "apply":
      return applyVaultConfig(vault, domain(), (action, what) => {
        process.stdout.write(`${action.padEnd(10)} ${what}\n`);
      });
    case "credentials":
      return writeCredentials(vault, out(), Number(values["wrap-ttl"]));
    case "admin": {
      const name = required(values.name, "--name");
      return writeAdministrator(await administrator(vault, domain(), name, values.ttl), out());
    }
    default:
      throw new Usage(`there is no command ${JSON.stringify(command)}; see --help`);
  }
}

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Usage ? USAGE : FAILED;
});
