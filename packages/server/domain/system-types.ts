// Event types that the platform alone publishes; a client that sends one is refused (SEEDS §1 "internal types", §2 "Registry").

/** A delivery ran out of tries. A trigger may ask for it. */
export const deliveryFailedType = "delivery.failed";
/** A trigger was paused, by a person or by status 410. */
export const triggerPausedType = "trigger.paused";
/** A project was made; told in the project `default` (SEEDS §4). */
export const projectCreatedType = "project.created";

const lifecycleNouns = ["USER", "RECORD"] as const;
const lifecycleVerbs = ["CREATE", "UPDATE", "DELETE"] as const;

/** The lifecycle events of SEEDS §2: a PRE and a POST for each pair, and three that only come after. */
const lifecycleTypes: readonly string[] = [
  ...lifecycleNouns.flatMap((noun) =>
    lifecycleVerbs.flatMap((verb) => [`PRE_${noun}_${verb}`, `POST_${noun}_${verb}`]),
  ),
  "POST_LOGIN",
  "POST_LOGOUT",
  "POST_PASSWORD_RESET",
];

const systemTypes: ReadonlySet<string> = new Set([
  deliveryFailedType,
  triggerPausedType,
  projectCreatedType,
  ...lifecycleTypes,
]);

/** DB_* and FILE_* were Space Cloud's own; whoever comes from there must not be able to forge one. */
export function isSystemType(type: string): boolean {
  return systemTypes.has(type) || type.startsWith("DB_") || type.startsWith("FILE_");
}
