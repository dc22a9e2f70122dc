// SPDX-License-Identifier: Apache-2.0

import {
  ServerInterceptingCall,
  ServerListenerBuilder,
  type ServerInterceptor,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { SignetError, toGrpcStatus } from "@signet/contract";

/**
 * A service whose requests that can't be decoded become errors, for {@link refuseUndecodable} to
 * answer: gRPC itself would answer INTERNAL, without a detail.
 */
export function decodingToErrors(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        return method.requestDeserialize(bytes);
      } catch (cause) {
        const type = method.path.split("/").pop() ?? "";
        const message = `The request of ${type} is not a message of its type.`;
        return new SignetError("REQUEST_INVALID", message, { cause });
      }
    };
    return [name, { ...method, requestDeserialize }];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}

/** Ends calls whose request is an error with that error. */
export const refuseUndecodable: ServerInterceptor = (_, call) => {
  const listener = new ServerListenerBuilder()
    .withOnReceiveMessage((message: unknown, next) => {
      if (message instanceof SignetError) call.sendStatus(toGrpcStatus(message));
      else next(message);
    })
    .build();
  return new ServerInterceptingCall(call, { start: (next) => next(listener) });
};
