// SPDX-License-Identifier: Apache-2.0

import { loadPackageDefinition } from "@grpc/grpc-js";
import type { ProtoGrpcType as AdminProto } from "./generated/admin.js";
import type { ProtoGrpcType as AttestationProto } from "./generated/attestation.js";
import type { ProtoGrpcType as NodeProto } from "./generated/node.js";
import { loadProtos } from "./proto-files.js";

const services = loadPackageDefinition(
  loadProtos(["signet/v1/admin.proto", "signet/v1/attestation.proto", "signet/v1/node.proto"]),
) as unknown as AdminProto & AttestationProto & NodeProto;

/** Client constructors, each with its service definition as `.service`. */
export const { AdminService, AttestationService, NodeService } = services.signet.v1;
