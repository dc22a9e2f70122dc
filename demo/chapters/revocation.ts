// SPDX-License-Identifier: Apache-2.0
import { demoId, documents } from "../documents.js";
import { curl, slowDownload, type World } from "../world.js";

const HALF_AN_HOUR_MS = 1_800_000;

/** Chapter 8: a revocation ends what is open, refuses what is new, and lasts. */
export async function revocation(world: World): Promise<void> {
  const { report, mesh, client, web } = world;
  report.chapter("Revocation: the client is banned while it downloads");
  await mesh.apply(documents("1h"));
  let [serial, notAfter] = ["", ""];
  await mesh.until("the client has a certificate for an hour", async () => {
    ({ serial, notAfter } = await mesh.identity("client", demoId("client")));
    return Date.parse(notAfter) - Date.now() > HALF_AN_HOUR_MS;
  });
  report.say(`the client's certificate is ${serial}, valid until ${notAfter}`);
  const download = await slowDownload(world);

  const started = performance.now();
  const command = mesh.control.signet("revoke", "--spiffe-id", demoId("client"));
  const ended = await download.ended;
  const milliseconds = performance.now() - started;
  const revoked = await command;
  report.check("the command succeeds", revoked.status === 0, revoked.stderr || revoked.stdout);
  report.check(
    "the open download ends",
    ended.status !== 0,
    `${milliseconds.toFixed(0)} ms after the command was typed, expected under 1000; ${ended.stderr}`,
  );

  const refused = await curl(client, `http://${web.address}/`);
  report.check(
    "new connections are refused, with the reason",
    refused.status !== 0 && refused.error === "Key has been revoked",
    refused.error,
  );
  report.check(
    "Vault's CRL has the serial",
    await mesh.until("Vault's CRL has it", () => mesh.control.inVaultCrl(serial)),
    `serial ${serial}`,
  );

  await Promise.all(
    ["web", "client"].map(async (name) => {
      await mesh.node(name).killAgent();
      await mesh.node(name).startAgent();
    }),
  );
  const still = await curl(client, `http://${web.address}/`);
  report.check(
    "the refusal survives a restart of the agents",
    still.status !== 0 && still.error === "Key has been revoked",
    still.error,
  );
}
