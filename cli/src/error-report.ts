// SPDX-License-Identifier: Apache-2.0

import { ERRORS, type FieldFault, type SignetError } from "@signet/contract";
import { printable } from "./printable.js";

/** An error in words: its faults as `file:line:column: field: message`, its sentence, its help. */
export function errorText(error: SignetError): string {
  const lines = error.faults.map(faultLine);
  lines.push(`error: ${error.message} [${error.code}]`);
  // What failed inside this program has no log of its own.
  if (error.code === "INTERNAL" && error.cause instanceof Error) {
    lines.push(`cause: ${error.cause.message}`);
  }
  lines.push(`help: ${error.info.help}`);
  return printable(lines.join("\n")) + "\n";
}

/** An error as JSON, for programs. */
export function errorJson(error: SignetError): string {
  const { code, message, faults, info } = error;
  return `${JSON.stringify({ error: { code, message, help: info.help, faults } }, null, 2)}\n`;
}

function faultLine({ file, line, column, field, message, code }: FieldFault): string {
  const place = [file || "request", line, column].filter((part) => part !== 0).join(":");
  const help = code === "DOCUMENT_FIELD_NOT_BUILT" ? ` (${ERRORS[code].help})` : "";
  return [place, ...(field === "" ? [] : [field]), `${message} [${code}]${help}`].join(": ");
}
