// Everything that an application imports. docs/sdk.md tells of it in chapters, and is made from it.

export {
  type FastifyInstanceLike,
  type FastifyReplyLike,
  type FastifyRequestLike,
  type NodeRequest,
  type NodeResponse,
  type Receiving,
  toExpress,
  toFastify,
  toHono,
  toNext,
  toNode,
} from "./adapters.ts";
export {
  defineEvents,
  type EventData,
  type EventMap,
  type EventSchema,
  type EventSchemas,
  type Events,
  type EventsOf,
  type EventType,
  type Issue,
  type JsonSchema,
  type OpenEvents,
  type Validation,
} from "./catalogue.ts";
export type { Claim, Claims, ClaimsOptions } from "./claims.ts";
export { Client, type ClientOptions, type HookVerdict, type Receipt, type SendOptions } from "./client.ts";
export type { Attempt, Deliveries, Delivery, DeliveryFilter, DeliveryState } from "./deliveries.ts";
export type { Duration } from "./duration.ts";
export {
  type ApiAnswer,
  ApiError,
  ConflictError,
  type Fault,
  ForbiddenError,
  HookRefusedError,
  InvalidRequestError,
  NetworkError,
  NotFoundError,
  PosthornError,
  RateLimitedError,
  ServerError,
  UnauthenticatedError,
} from "./errors.ts";
export {
  GlobalMooException,
  InvalidArgumentException,
  InvalidEventException,
  type RefusalCode,
  ValidationException,
} from "./exceptions.ts";
export type { AnyHandledEvent, GivenHeaders, HandledEvent, HandledEvents } from "./handle-event.ts";
export type { HandshakeOptions } from "./handshake.ts";
export type { Inverse, ObjectiveType, Result, StopReason } from "./inverse.ts";
export type { DataOfJsonSchema } from "./json-schema-type.ts";
export type { CreatedKey, Key, Keys, Scope } from "./keys.ts";
export type { Page, PageWish } from "./lists.ts";
export { type MemoryClaimsOptions, memoryClaims } from "./memory-claims.ts";
export { type AnyNotification, type NotificationObject, parseNotification } from "./notification.ts";
export { type Outside, systemOutside } from "./outside.ts";
export { type PostgresClaimsOptions, type PostgresDatabase, postgresClaims } from "./postgres-claims.ts";
export type { InputType, Objective, Project, Trial } from "./project.ts";
export type { Publication, PublicationAttributes, PublicationOf } from "./publication.ts";
export type { RawBody } from "./raw-body.ts";
export type { ReceivedEvent, ReceivedFormat } from "./received-event.ts";
export { type Handler, type IncomingMessage, type Receiver, type ReceiverOptions, receiver } from "./receiver.ts";
export type { Reception } from "./reception.ts";
export type { EventFilter, EventPlace, RecordedEvent, RecordedEvents } from "./recorded-events.ts";
export { type RedisClaimsOptions, type RedisCommand, redisClaims } from "./redis-claims.ts";
export type { Refusal } from "./refusal.ts";
export type { CallOptions } from "./request.ts";
export { type ResourceEvents, type ResourceSchemas, resourceSchemas } from "./resource-events.ts";
export type { RetryOptions } from "./retry.ts";
export { signTestRequest, type TestEvent, type TestRequestOptions } from "./sign-test-request.ts";
export { type SqliteClaimsOptions, type SqliteDatabase, type SqliteStatement, sqliteClaims } from "./sqlite-claims.ts";
export type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";
export type {
  CreatedTrigger,
  FunctionTarget,
  RetryPolicy,
  TestedTrigger,
  Trigger,
  TriggerChange,
  Triggers,
  TriggerTarget,
  TriggerValidation,
  TriggerWish,
  WebhookTarget,
} from "./triggers.ts";
export type { Secrets } from "./verify-message.ts";
